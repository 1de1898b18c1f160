"""What is checked of a crawler's final settings, whoever made them: a command line, a project, a program."""
