lotcast_test(test_board LABEL e2e SOURCES test_board.c "${PROJECT_SOURCE_DIR}/tests/faults/broker_process.c"
             "${PROJECT_SOURCE_DIR}/tests/golden/fixtures.c" DEPENDS mqtt os wire)
add_dependencies(test_board auction-board)
set_tests_properties(test_board PROPERTIES ENVIRONMENT "LOTCAST_BIN=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}")
