"""Where results go: tables on a terminal, grades.csv, Gradescope's results.json."""
