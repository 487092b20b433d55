lotcast_test(test_wire_topic LABEL unit SOURCES test_wire_topic.c DEPENDS wire)
lotcast_test(test_wire_message LABEL unit SOURCES test_wire_message.c "${PROJECT_SOURCE_DIR}/tests/golden/fixtures.c" DEPENDS wire)
