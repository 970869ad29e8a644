/* routes-add LINK COUNT PER_DATAGRAM: adds host routes from 10.0.0.1 up, an ack on the last of each datagram. Prints microseconds a route. */
#include "routes.h"
#include <arpa/inet.h>

int main(int argc, char **argv)
{
	static char buffer[1 << 18], answer[65536];
	struct mnl_socket *socket = open_socket();
	int index, count, batch, sequence = 0, length;
	double start;

	if (argc < 4 || (index = if_nametoindex(argv[1])) == 0)
		return 1;
	count = atoi(argv[2]);
	batch = atoi(argv[3]);
	start = now();
	for (int done = 0; done < count;) {
		char *at = buffer;
		int last = done + batch < count ? done + batch : count;

		for (; done < last; done++) {
			struct nlmsghdr *header = mnl_nlmsg_put_header(at);
			struct rtmsg *route;

			header->nlmsg_type = RTM_NEWROUTE;
			header->nlmsg_flags = NLM_F_REQUEST | NLM_F_CREATE | NLM_F_EXCL | (done == last - 1 ? NLM_F_ACK : 0);
			header->nlmsg_seq = ++sequence;
			route = mnl_nlmsg_put_extra_header(header, sizeof(*route));
			memset(route, 0, sizeof(*route));
			route->rtm_family = AF_INET;
			route->rtm_dst_len = 32;
			route->rtm_table = RT_TABLE_MAIN;
			route->rtm_protocol = RTPROT_STATIC;
			route->rtm_scope = RT_SCOPE_LINK;
			route->rtm_type = RTN_UNICAST;
			mnl_attr_put_u32(header, RTA_DST, htonl(0x0a000001 + done));
			mnl_attr_put_u32(header, RTA_OIF, index);
			at += MNL_ALIGN(header->nlmsg_len);
		}
		if (mnl_socket_sendto(socket, buffer, at - buffer) < 0)
			return 1;
		length = mnl_socket_recvfrom(socket, answer, sizeof(answer));
		/* the ack, unless an error came first */
		if (length < 0 || mnl_cb_run(answer, length, sequence, mnl_socket_get_portid(socket), NULL, NULL) < 0) {
			perror("routes-add");
			return 1;
		}
	}
	printf("%f\n", (now() - start) / count);
	return 0;
}
