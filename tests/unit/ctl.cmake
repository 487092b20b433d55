lotcast_test(test_sioclient LABEL unit SOURCES test_sioclient.c DEPENDS sioclient)
lotcast_test(test_bot LABEL unit SOURCES test_bot.c DEPENDS ctl_bot)
lotcast_test(test_ctl LABEL unit SOURCES test_ctl.c DEPENDS ctl_text ctl_key)
