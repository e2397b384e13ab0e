"""The page: one module a tab, and the pieces that tabs share. The only room that imports Gradio."""
