"""Custom actions (rasa-sdk). They write no database and call nobody: they signal, the desk acts."""
