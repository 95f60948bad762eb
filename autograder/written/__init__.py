"""The written answers: collected beside the rubric, and given points by a person in a spreadsheet.

Modules, each importing only from those above it::

    comments  words in code: comments, strings, and what is no Python
    prompts   the questions, from the notebook that students were given
    images    pictures that are pasted into an answer
    answers   where in a submission the answers are
    rubric    what is said in rubric.md on each question
    page      answers.html: question by question, the rubric beside the answers
    codes     codes in the place of names
    sheet     answers.csv: the points
    merge     these, and what was kept of sheets before
"""
