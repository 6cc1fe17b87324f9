package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Stream;

/**
 * Decides whether a host may be reached: only when every address it resolves to is public, or when it is allowed by name. The
 * address is what counts, not how it is written, so {@code http://0x7f.1/} is judged as 127.0.0.1.
 *
 * <p>Limitation: the JDK's HTTP client resolves the name once more when it connects. It asks the JVM's own cache, which holds
 * the checked answer for 30 s by default, so a name that changes its address in between (DNS rebinding) is caught unless that
 * answer expires in that very moment.
 */
final class AddressGuard {
    /** The special-purpose blocks of the IANA registries (RFC 6890 and its updates), and the metadata service of one cloud. */
    private static final List<AddressBlock> SPECIAL = Stream.of(
                    "0.0.0.0/8",
                    "10.0.0.0/8",
                    "100.64.0.0/10",
                    "127.0.0.0/8",
                    "168.63.129.16/32",
                    "169.254.0.0/16",
                    "172.16.0.0/12",
                    "192.0.0.0/24",
                    "192.0.2.0/24",
                    "192.88.99.0/24",
                    "192.168.0.0/16",
                    "198.18.0.0/15",
                    "198.51.100.0/24",
                    "203.0.113.0/24",
                    "224.0.0.0/3",
                    "2001::/23", // Teredo among them
                    "2001:db8::/32",
                    "2002::/16", // 6to4 can lead anywhere
                    "3fff::/20")
            .map(AddressBlock::of)
            .toList();

    private static final AddressBlock GLOBAL_UNICAST = AddressBlock.of("2000::/3");

    /** NAT64: the last four bytes are the IPv4 address that is reached. */
    private static final AddressBlock TRANSLATED = AddressBlock.of("64:ff9b::/96");

    private final Set<String> allowedHosts;
    private final Resolver resolver;

    /** Looks up the addresses of a host. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    AddressGuard(Set<String> allowedHosts, Resolver resolver) {
        this.allowedHosts = allowedHosts;
        this.resolver = resolver;
    }

    /** @throws CallException {@code capture.refused}, or {@code capture.unreachable} when the host has no address */
    void check(URI uri) throws CallException {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw Failures.refused("Only http and https are captured, not '" + scheme + "'.");
        }
        if (uri.getHost() == null || uri.getHost().isEmpty()) {
            throw Failures.refused("The address " + Uris.shown(uri) + " names no host.");
        }
        if (uri.getRawUserInfo() != null) {
            throw Failures.refused("An address may not hold a user or password; use a header.");
        }
        String host = name(uri);
        int port = uri.getPort() >= 0 ? uri.getPort() : scheme.equals("https") ? 443 : 80;
        if (allowedHosts.contains(host) || allowedHosts.contains(host + ":" + port)) {
            return;
        }
        for (InetAddress address : addresses(host)) {
            if (!isPublic(address)) {
                throw Failures.refused("The host " + host + " has the address " + address.getHostAddress()
                        + ", which is not on the public internet. If it is meant, name it in PENSTOCK_CAPTURE_HOSTS.");
            }
        }
    }

    private static String name(URI uri) {
        String host = uri.getHost().toLowerCase(Locale.ROOT);
        return host.endsWith(".") ? host.substring(0, host.length() - 1) : host;
    }

    private InetAddress[] addresses(String host) throws CallException {
        try {
            return resolver.resolve(host);
        } catch (UnknownHostException e) {
            throw CallException.retryable(
                    ErrorCode.CAPTURE_UNREACHABLE.code(), "The host " + host + " has no known address.", e);
        }
    }

    static boolean isPublic(InetAddress address) {
        if (address.isAnyLocalAddress()
                || address.isLoopbackAddress()
                || address.isLinkLocalAddress()
                || address.isSiteLocalAddress()
                || address.isMulticastAddress()) {
            return false;
        }
        return isPublic(address.getAddress());
    }

    private static boolean isPublic(byte[] address) {
        if (TRANSLATED.contains(address)) {
            return isPublic(Arrays.copyOfRange(address, 12, 16));
        }
        boolean known = address.length == 4 || GLOBAL_UNICAST.contains(address);
        return known && SPECIAL.stream().noneMatch(block -> block.contains(address));
    }
}
