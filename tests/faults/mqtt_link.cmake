lotcast_test(test_mqtt_link LABEL faults SOURCES test_mqtt_link.c broker_process.c DEPENDS mqtt os)
