lotcast_script_test(tidy_lessons LABEL tidy COMMAND python3 tests/tidy/lessons.py)
