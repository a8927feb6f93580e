/**
 * The look of launcher and panel, as a constructed style sheet: the strictest content policy of a
 * clinic's site allows it. A site may set --iop-accent and --iop-on-accent.
 */
const CSS = `
:host { all: initial;
  --accent: var(--iop-accent, #0d5f5a); --on-accent: var(--iop-on-accent, #fff);
  --ground: #fbfaf7; --raised: #fff; --ink: #1d2b2a; --soft: #51625f; --line: #d7ddd8;
  --mine: #dfeeea; --alarm: #a3271f; --alarm-ground: #fdf1ee; --amber: #8a5a00; --amber-ground: #fdf5e3;
  color-scheme: light dark;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
@media (prefers-color-scheme: dark) { :host {
  --accent: var(--iop-accent-dark, #7fcdc2); --on-accent: var(--iop-on-accent-dark, #06201d);
  --ground: #131b1c; --raised: #1d282a; --ink: #e8efec; --soft: #a9b8b5; --line: #37474a;
  --mine: #1f4641; --alarm: #ffb4a8; --alarm-ground: #3a1d1a; --amber: #f0c674; --amber-ground: #332a16; } }
*, *::before { box-sizing: border-box; }
[hidden] { display: none !important; }
p, h2, h3 { margin: 0; font: inherit; overflow-wrap: anywhere; }
button, input, textarea { font: inherit; color: inherit; }
button { cursor: pointer; }
a { color: var(--accent); text-underline-offset: .15em; }
svg { width: 22px; height: 22px; flex: none; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }
:focus-visible { outline: 3px solid var(--accent); outline-offset: 2px; }
.scroller:focus-visible, textarea:focus-visible { outline-offset: -3px; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }

.launcher { position: fixed; z-index: 2147483000; right: calc(20px + env(safe-area-inset-right, 0px)); bottom: calc(20px + env(safe-area-inset-bottom, 0px));
  display: flex; align-items: center; gap: 10px; min-height: 56px; padding: 0 22px 0 18px; border: 2px solid transparent; border-radius: 28px;
  background: var(--accent); color: var(--on-accent); font-weight: 600; box-shadow: 0 6px 24px #0d2b2940; }
.count { min-width: 24px; padding: 0 6px; border-radius: 12px; background: var(--on-accent); color: var(--accent); font-size: 14px; line-height: 24px; text-align: center; }

.panel { position: fixed; z-index: 2147483000; right: 20px; bottom: 20px; display: flex; flex-direction: column; overflow: hidden;
  width: min(408px, calc(100vw - 40px)); height: min(720px, calc(100dvh - 40px));
  background: var(--ground); color: var(--ink); border: 1px solid var(--line); border-radius: 18px; box-shadow: 0 16px 56px #0d2b2940; }
.head { display: flex; align-items: center; gap: 8px; padding: 10px 10px 10px 18px; background: var(--raised); border-bottom: 1px solid var(--line); }
.names { flex: 1; min-width: 0; }
h2 { font-weight: 650; font-size: 17px; line-height: 1.25; }
.names p { color: var(--soft); font-size: 14px; line-height: 1.35; }
.exit { min-height: 44px; padding: 0 14px; border: 1.5px solid var(--alarm); border-radius: 10px; background: none; color: var(--alarm); font-weight: 600; font-size: 15px; white-space: nowrap; }
.plain { display: grid; place-items: center; width: 44px; height: 44px; padding: 0; border: 0; border-radius: 10px; background: none; color: var(--soft); }
.demo { padding: 6px 18px; background: var(--amber-ground); color: var(--amber); font-size: 14px; border-bottom: 1px solid var(--line); }
.help { display: flex; gap: 6px; padding: 8px 12px; background: var(--alarm-ground); border-bottom: 1px solid var(--line); }
.help a, .crisis .links a { flex: 1 1 auto; display: flex; align-items: center; justify-content: center; min-height: 44px; padding: 4px 8px; border: 1.5px solid var(--alarm); border-radius: 10px;
  color: var(--alarm); background: var(--raised); font-weight: 650; text-decoration: none; text-align: center; }
.help a:hover, .crisis .links a:hover { text-decoration: underline; }

.scroller { position: relative; flex: 1; overflow-y: auto; overscroll-behavior: contain; padding: 16px 18px 8px; scrollbar-width: thin; }
.before { margin-bottom: 18px; padding: 14px 16px 8px; background: var(--raised); border: 1px solid var(--line); border-radius: 14px; font-size: 15px; line-height: 1.45; }
h3 { font-weight: 650; margin-bottom: 4px; }
.before p + p { margin-top: 7px; }
.quiet { color: var(--soft); font-size: 14px; }
.links { display: flex; flex-wrap: wrap; gap: 0 18px; margin-top: 4px; }
.links a { display: inline-flex; align-items: center; min-height: 44px; font-weight: 600; }
.message { display: flex; flex-direction: column; align-items: flex-start; margin-bottom: 16px; }
.who { display: flex; gap: 8px; margin: 0 4px 3px; color: var(--soft); font-size: 13px; line-height: 1.4; }
.bubble { max-width: 92%; padding: 10px 14px; border: 1px solid var(--line); border-radius: 4px 16px 16px 16px; background: var(--raised); }
.words p + p { margin-top: .6em; }
.visitor { align-items: flex-end; }
.visitor .bubble { background: var(--mine); border-color: transparent; border-radius: 16px 4px 16px 16px; }
.staff .bubble { border-color: var(--accent); border-left-width: 4px; }
.system { align-items: center; }
.system .bubble { border-radius: 12px; background: none; color: var(--soft); font-size: 15px; }
.safe .bubble { background: var(--amber-ground); border-color: var(--amber); border-left-width: 4px; color: var(--ink); }
.crisis { align-items: stretch; }
.crisis .bubble { max-width: none; background: var(--alarm-ground); border: 1.5px solid var(--alarm); border-left-width: 5px; color: var(--ink); font-size: 17px; }
.crisis .links { gap: 8px; margin: 12px 0 4px; }
.choices { display: flex; flex-wrap: wrap; gap: 8px; margin-top: 8px; }
.choice { min-height: 44px; padding: 6px 16px; border: 1.5px solid var(--accent); border-radius: 22px; background: none; color: var(--accent); font-weight: 600; font-size: 15px; line-height: 1.3; text-align: start; }
.choice:hover { background: var(--mine); }
.helped { display: flex; flex-wrap: wrap; align-items: center; gap: 0 8px; min-height: 44px; margin: -8px 4px 8px; }
.helped .choice { border-width: 1px; border-color: currentColor; color: var(--soft); font-weight: 400; font-size: 14px; }
.start { margin: 4px 0 14px; }
.state { max-width: 92%; color: var(--soft); font-size: 14px; text-align: end; }
.unsent .bubble { border: 1.5px dashed var(--alarm); }
.unsent .state { color: var(--alarm); text-align: start; }
.unsent .links a { color: var(--alarm); }

.typing { display: flex; align-items: center; gap: 8px; min-height: 0; padding: 0 18px; color: var(--soft); font-size: 14px; }
.dots { display: inline-flex; gap: 4px; }
.dots i { width: 7px; height: 7px; border-radius: 50%; background: currentColor; border: 1px solid transparent; }
.status { display: flex; flex-wrap: wrap; align-items: center; gap: 4px 12px; padding: 0 18px; color: var(--soft); font-size: 14px; }
.status p:not(:empty) { padding: 6px 0; flex: 1 1 60%; }
summary { padding: 10px 4px; color: var(--accent); font-weight: 600; cursor: pointer; }
.composer { padding: 10px 14px 8px; background: var(--raised); border-top: 1px solid var(--line); }
.row { display: flex; align-items: flex-end; gap: 8px; }
input, textarea { flex: 1; min-width: 0; min-height: 48px; max-height: 148px; padding: 11px 14px; resize: none; field-sizing: content; line-height: 1.5;
  border: 1.5px solid var(--soft); border-radius: 14px; background: var(--ground); color: var(--ink); }
textarea::placeholder { color: var(--soft); opacity: 1; }
textarea[aria-invalid] { border-color: var(--alarm); }
.send { display: grid; place-items: center; width: 48px; height: 48px; flex: none; padding: 0; border: 2px solid transparent; border-radius: 14px; background: var(--accent); color: var(--on-accent); }
.launcher:hover, .send:hover { filter: brightness(1.08); }
.send[aria-disabled] { background: none; border-color: var(--line); color: var(--soft); cursor: default; }
.error { padding: 0 4px 8px; color: var(--alarm); font-size: 15px; }
.hint { padding: 4px 4px 0; color: var(--soft); font-size: 13px; line-height: 1.4; }

@media (max-width: 480px), (max-height: 480px) {
  .panel { inset: 0; width: auto; height: min(100dvh, var(--visible, 100dvh)); border: 0; border-radius: 0;
    padding: env(safe-area-inset-top, 0px) env(safe-area-inset-right, 0px) env(safe-area-inset-bottom, 0px) env(safe-area-inset-left, 0px); }
}
@media (hover: none) { .hint { display: none; } }
@media (prefers-reduced-motion: no-preference) {
  .panel { animation: rise .18s ease-out; }
  .message { animation: appear .2s ease-out; }
  .dots i { animation: beat 1.2s infinite ease-in-out; }
  .dots i:nth-child(2) { animation-delay: .15s; }
  .dots i:nth-child(3) { animation-delay: .3s; }
}
@keyframes rise { from { transform: translateY(12px); opacity: 0; } }
@keyframes appear { from { opacity: 0; } }
@keyframes beat { 0%, 60%, 100% { opacity: .3; } 30% { opacity: 1; } }
@media (forced-colors: active) {
  .launcher, .send, .count { border: 2px solid ButtonText; }
  .visitor .bubble, .panel { border: 1px solid CanvasText; }
  .dots i { background: CanvasText; }
  :focus-visible { outline-color: Highlight; }
}
@media print { .launcher { display: none; } }
`;

let sheet;

/** The one sheet, shared by every element on a page. */
export function styleSheet() {
  if (!sheet) {
    sheet = new CSSStyleSheet();
    sheet.replaceSync(CSS);
  }
  return sheet;
}
