lotcast_test(test_base LABEL unit SOURCES test_base.c DEPENDS base)
lotcast_test(test_json LABEL unit SOURCES test_json.c DEPENDS json)
