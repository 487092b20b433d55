lotcast_test(test_relay_golden LABEL golden SOURCES test_relay_golden.c DEPENDS wire digest os)
set_tests_properties(test_relay_golden PROPERTIES ENVIRONMENT "LOTCAST_SOURCE=${PROJECT_SOURCE_DIR}")
