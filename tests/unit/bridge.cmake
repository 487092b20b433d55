lotcast_test(test_bridge_order LABEL unit SOURCES test_bridge_order.c DEPENDS bridge_app)
lotcast_test(test_bridge_parts LABEL unit SOURCES test_bridge_parts.c DEPENDS bridge_app)
lotcast_test(test_bridge_csv LABEL unit SOURCES test_bridge_csv.c DEPENDS bridge_app)
lotcast_test(test_bridge_token LABEL unit SOURCES test_bridge_token.c
             DEPENDS bridge_token bridge_digest bridge_files)
lotcast_test(test_bridge_cluster LABEL unit SOURCES test_bridge_cluster.c DEPENDS bridge_app bridge_checks)
lotcast_test(test_bridge_pulse LABEL unit SOURCES test_bridge_pulse.c DEPENDS bridge_bus)
