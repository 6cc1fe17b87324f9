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
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides what may be reached: a host only when every address it resolves to is public, or when it is allowed by name. The address
 * is what counts, not how it is written. Whoever connects must ask for {@link #destinations} and connect to nothing else, so that a
 * name which changes its addresses between check and connection (DNS rebinding) gains nothing by it.
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

    private static final int FIRST_FREE_PORT = 1024;

    /** Ports from 1024 on where other protocols listen that make something of an HTTP request: those that browsers refuse. */
    private static final Set<Integer> OTHER_PROTOCOLS = Set.of(
            1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
            6697, 10080, 11211);

    /** A name whose last part is a number is taken for an address by many. */
    private static final Pattern NUMBER = Pattern.compile("(^|\\.)(0x[0-9a-f]*|[0-9]+)$");

    private static final Pattern IPV4 = Pattern.compile("((0|[1-9][0-9]{0,2})\\.){3}(0|[1-9][0-9]{0,2})");

    private final Set<String> allowedHosts;
    private final Resolver resolver;

    /** Looks up the addresses of a host. */
    @FunctionalInterface
    interface Resolver {
        InetAddress[] resolve(String host) throws UnknownHostException;
    }

    AddressGuard(Set<String> allowedHosts, Resolver resolver) {
        this.allowedHosts = allowedHosts.stream().map(AddressGuard::name).collect(Collectors.toUnmodifiableSet());
        this.resolver = resolver;
    }

    /**
     * Judges an address as it is written.
     *
     * @throws CallException {@code capture.refused}
     */
    void check(URI uri) throws CallException {
        String scheme = String.valueOf(uri.getScheme()).toLowerCase(Locale.ROOT);
        if (!scheme.equals("http") && !scheme.equals("https")) {
            throw Failures.refused("Only http and https are captured, not '" + scheme + "'.");
        }
        if (uri.getHost() == null || uri.getHost().isEmpty()) {
            throw Failures.refused("The address " + Uris.shown(uri) + " names no host.");
        }
        if (isOddNumber(uri.getHost())) {
            throw Failures.refused("The host " + uri.getHost() + " is a number that is not written as an address is.");
        }
        if (uri.getRawUserInfo() != null) {
            throw Failures.refused("An address may not hold a user or password; use a header.");
        }
        int port = Uris.port(uri);
        if (!isWebPort(port) && !isAllowed(name(uri.getHost()), port)) {
            throw Failures.refused("Port " + port + " of " + uri.getHost()
                    + " is not one of the web. If it is meant, name host and port in PENSTOCK_CAPTURE_HOSTS.");
        }
    }

    /** Octal, hexadecimal, shortened: programs differ in what they make of it. */
    private static boolean isOddNumber(String host) {
        String name = name(host);
        return NUMBER.matcher(name).find() && !IPV4.matcher(name).matches();
    }

    private static boolean isWebPort(int port) {
        return port == 80
                || port == 443
                || (port >= FIRST_FREE_PORT && port <= 0xffff && !OTHER_PROTOCOLS.contains(port));
    }

    /**
     * The addresses that may be connected to, by whoever was told to reach that host.
     *
     * @param host name or literal, an IPv6 literal with or without brackets
     * @throws CallException {@code capture.refused}, or {@code capture.unreachable} when the host has no address
     */
    List<InetAddress> destinations(String host, int port) throws CallException {
        String name = name(host);
        InetAddress[] addresses = addresses(name);
        if (!isAllowed(name, port)) {
            for (InetAddress address : addresses) {
                if (!isPublic(address)) {
                    throw Failures.refused(
                            "The host " + name + " has the address " + address.getHostAddress()
                                    + ", which is not on the public internet. If it is meant, name it in PENSTOCK_CAPTURE_HOSTS.");
                }
            }
        }
        return List.of(addresses);
    }

    private boolean isAllowed(String name, int port) {
        return allowedHosts.contains(name) || allowedHosts.contains(name + ":" + port);
    }

    /** In lower case, without the dot of the root, an IPv6 literal in brackets. */
    private static String name(String host) {
        String lower = host.toLowerCase(Locale.ROOT);
        String name = lower.endsWith(".") ? lower.substring(0, lower.length() - 1) : lower;
        return name.indexOf(':') != name.lastIndexOf(':') && !name.startsWith("[") ? "[" + name + "]" : name;
    }

    private InetAddress[] addresses(String name) throws CallException {
        try {
            return resolver.resolve(name);
        } catch (UnknownHostException e) {
            throw CallException.retryable(
                    ErrorCode.CAPTURE_UNREACHABLE.code(), "The host " + name + " has no known address.", e);
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
