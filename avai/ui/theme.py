"""The look: one accent, the reader's own system fonts, nothing from elsewhere."""

from __future__ import annotations

from pathlib import Path

import gradio as gr

CSS = Path(__file__).resolve().parent / "page.css"

ACCENT = gr.themes.Color(
    c50="#f4f2ff",
    c100="#e9e5ff",
    c200="#d6cfff",
    c300="#b9adff",
    c400="#9a88f7",
    c500="#7c66e8",
    c600="#654fd0",
    c700="#5440b0",
    c800="#43348c",
    c900="#372c70",
    c950="#221b48",
    name="accent",
)
SYSTEM = [
    "system-ui",
    "-apple-system",
    "Segoe UI",
    "Roboto",
    "Noto Sans",
    "PingFang SC",
    "Noto Sans CJK SC",
    "sans-serif",
]
MONO = ["ui-monospace", "SFMono-Regular", "Menlo", "Consolas", "Noto Sans Mono", "monospace"]


def theme() -> gr.themes.Base:
    """The page's theme, light and dark."""
    made = gr.themes.Base(
        primary_hue=ACCENT,
        secondary_hue=ACCENT,
        neutral_hue="zinc",
        font=SYSTEM,
        font_mono=MONO,
        radius_size="md",
        spacing_size="md",
        text_size="md",
    )
    return made.set(
        body_background_fill="#fbfbfc",
        body_background_fill_dark="#131316",
        background_fill_primary="#ffffff",
        background_fill_primary_dark="#1b1b1f",
        background_fill_secondary="#f3f3f6",
        background_fill_secondary_dark="#232328",
        block_background_fill="transparent",
        block_background_fill_dark="transparent",
        block_border_width="0px",
        block_border_width_dark="0px",
        block_shadow="none",
        block_shadow_dark="none",
        block_padding="0px",
        block_label_background_fill="transparent",
        block_label_background_fill_dark="transparent",
        block_title_text_weight="500",
        block_info_text_size="13px",
        border_color_primary="#e3e3e8",
        border_color_primary_dark="#34343b",
        color_accent="*primary_600",
        button_primary_background_fill="*primary_600",
        button_primary_background_fill_dark="*primary_600",
        button_primary_background_fill_hover="*primary_700",
        button_primary_background_fill_hover_dark="*primary_500",
        button_primary_text_color="#ffffff",
        button_large_padding="10px 16px",
        button_large_text_size="15px",
        button_large_text_weight="600",
        input_background_fill="#ffffff",
        input_background_fill_dark="#1b1b1f",
        input_border_color="#d7d7de",
        input_border_color_dark="#3b3b43",
        input_border_width="1px",
        input_border_width_dark="1px",
        checkbox_label_background_fill="transparent",
        checkbox_label_background_fill_dark="transparent",
        checkbox_label_background_fill_selected="*primary_50",
        checkbox_label_background_fill_selected_dark="*primary_950",
        checkbox_label_border_width="1px",
        checkbox_label_border_width_dark="1px",
        checkbox_label_border_color="#d7d7de",
        checkbox_label_border_color_dark="#3b3b43",
        checkbox_border_color="#8d8d99",
        checkbox_border_color_dark="#6f6f7b",
        block_title_text_color="*body_text_color",
        block_title_text_color_dark="*body_text_color",
        slider_color="*primary_600",
        slider_color_dark="*primary_500",
        layout_gap="16px",
        body_text_color_subdued="#5d5d68",
        body_text_color_subdued_dark="#a4a4b0",
    )


def head() -> str:
    """The page's own styles for ``launch(head=...)``: Gradio's ``css`` rewrites selectors and breaks media queries."""
    return f"<style>{CSS.read_text(encoding='utf-8')}</style>"
