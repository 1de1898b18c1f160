"""Answers: what is read from them before they are acknowledged, and how stored ones are parsed again."""
