lotcast_script_test(error_codes_have_tests LABEL tidy COMMAND python3 tests/tidy/error_codes.py "${PROJECT_SOURCE_DIR}")
