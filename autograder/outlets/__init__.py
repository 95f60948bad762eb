"""Where results go: tables on a terminal, grades.csv, Gradescope's results.json. None of them grades."""
