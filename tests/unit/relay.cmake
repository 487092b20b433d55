lotcast_test(test_relay_cluster LABEL unit SOURCES test_relay_cluster.c relay_client.c relay_world.c DEPENDS relay)
