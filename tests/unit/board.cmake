lotcast_test(test_board_display LABEL unit SOURCES test_board_display.c "${PROJECT_SOURCE_DIR}/tests/golden/fixtures.c"
             DEPENDS board_display wire)
