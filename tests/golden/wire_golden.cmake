lotcast_test(test_wire_golden LABEL golden SOURCES test_wire_golden.c fixtures.c DEPENDS wire os)
set_tests_properties(test_wire_golden PROPERTIES ENVIRONMENT "LOTCAST_SOURCE=${PROJECT_SOURCE_DIR}")
