package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.stage.CallException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.util.Iterator;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Attempts to reach what is not on the public internet. A server listens on the loopback address, and must not be asked. */
class AddressAttacksTest {
    private RawServer victim;
    private AttackRig rig;

    @BeforeEach
    void start() throws IOException {
        victim = RawServer.answering("secret");
        rig = new AttackRig();
    }

    @AfterEach
    void stop() throws IOException {
        rig.close();
        victim.close();
    }

    @Attack("loopback-address")
    @ParameterizedTest
    @ValueSource(strings = {"127.0.0.1", "127.9.9.9"})
    void shouldNotReachLoopbackByItsAddress(String host) {
        assertRefused(host);
    }

    @Attack("loopback-name")
    @ParameterizedTest
    @ValueSource(strings = {"localhost", "LOCALHOST", "localhost."})
    void shouldNotReachLoopbackByItsName(String host) {
        assertRefused(host);
    }

    @Attack("loopback-decimal")
    @Test
    void shouldNotReachLoopbackAsOneNumber() {
        assertRefused("2130706433");
    }

    @Attack("loopback-hexadecimal")
    @ParameterizedTest
    @ValueSource(strings = {"0x7f000001", "0x7f.0x0.0x0.0x1", "0x7F.1", "127.0.0.0x1"})
    void shouldNotReachLoopbackInHexadecimal(String host) {
        assertRefused(host);
    }

    @Attack("loopback-octal")
    @ParameterizedTest
    @ValueSource(strings = {"0177.0.0.1", "127.0.0.01", "017700000001"})
    void shouldNotReachLoopbackInOctal(String host) {
        assertRefused(host);
    }

    @Attack("loopback-shortened")
    @ParameterizedTest
    @ValueSource(strings = {"127.1", "127.0.1"})
    void shouldNotReachLoopbackShortened(String host) {
        assertRefused(host);
    }

    @Attack("this-host")
    @ParameterizedTest
    @ValueSource(strings = {"0.0.0.0", "[::]"})
    void shouldNotReachThisHostByTheUnspecifiedAddress(String host) {
        assertRefused(host);
    }

    @Attack("loopback-ipv6")
    @ParameterizedTest
    @ValueSource(strings = {"[::1]", "[0:0:0:0:0:0:0:1]"})
    void shouldNotReachLoopbackOverIpv6(String host) {
        assertRefused(host);
    }

    @Attack("ipv4-mapped")
    @ParameterizedTest
    @ValueSource(strings = {"[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[::ffff:169.254.169.254]"})
    void shouldNotReachMappedAddresses(String host) {
        assertRefused(host);
    }

    @Attack("ipv4-compatible")
    @ParameterizedTest
    @ValueSource(strings = {"[::127.0.0.1]", "[::a9fe:a9fe]"})
    void shouldNotReachCompatibleAddresses(String host) {
        assertRefused(host);
    }

    @Attack("6to4")
    @ParameterizedTest
    @ValueSource(strings = {"[2002:7f00:1::1]", "[2002:a9fe:a9fe::]"})
    void shouldNotReachThrough6to4(String host) {
        assertRefused(host);
    }

    @Attack("nat64")
    @ParameterizedTest
    @ValueSource(strings = {"[64:ff9b::127.0.0.1]", "[64:ff9b::a9fe:a9fe]", "[64:ff9b:1::7f00:1]"})
    void shouldNotReachThroughNat64(String host) {
        assertRefused(host);
    }

    @Attack("teredo")
    @Test
    void shouldNotReachThroughTeredo() {
        assertRefused("[2001:0:7f00:1::1]");
    }

    @Attack("link-local")
    @ParameterizedTest
    @ValueSource(strings = {"169.254.1.1", "[fe80::1]", "[fec0::1]"})
    void shouldNotReachLinkLocalAddresses(String host) {
        assertRefused(host);
    }

    @Attack("unique-local")
    @ParameterizedTest
    @ValueSource(strings = {"[fc00::1]", "[fd12:3456::1]"})
    void shouldNotReachUniqueLocalAddresses(String host) {
        assertRefused(host);
    }

    @Attack("metadata-address")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "169.254.169.254",
                "169.254.170.2",
                "100.100.100.200",
                "168.63.129.16",
                "192.0.0.192",
                "[fd00:ec2::254]"
            })
    void shouldNotReachTheMetadataOfClouds(String host) {
        assertRefused(host);
    }

    @Attack("metadata-name")
    @Test
    void shouldNotReachMetadataByAName() {
        rig.names.put("metadata.google.internal", List.of("169.254.169.254"));

        assertThat(rig.failure("http://metadata.google.internal/computeMetadata/v1/"))
                .isEqualTo("capture.refused");
    }

    @Attack("private-networks")
    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.1", "172.16.0.1", "172.31.255.254", "192.168.1.1"})
    void shouldNotReachPrivateNetworks(String host) {
        assertRefused(host);
    }

    @Attack("shared-address-space")
    @ParameterizedTest
    @ValueSource(strings = {"100.64.0.1", "100.127.255.254"})
    void shouldNotReachBehindTheProvidersTranslation(String host) {
        assertRefused(host);
    }

    @Attack("multicast-and-broadcast")
    @ParameterizedTest
    @ValueSource(strings = {"224.0.0.1", "239.255.255.250", "255.255.255.255", "[ff02::1]"})
    void shouldNotReachManyAtOnce(String host) {
        assertRefused(host);
    }

    @Attack("name-of-a-private-address")
    @Test
    void shouldNotReachAPrivateAddressByAName() {
        rig.names.put("looks.public.example", List.of("127.0.0.1"));

        assertRefused("looks.public.example");
    }

    @Attack("one-address-of-several")
    @Test
    void shouldNotReachAHostOneOfWhoseAddressesIsPrivate() {
        rig.names.put("mixed.example", List.of(AttackRig.PUBLIC, "127.0.0.1"));

        assertRefused("mixed.example");
    }

    @Attack("dns-rebinding")
    @Test
    void shouldConnectToNoAddressButTheJudgedOnes() throws Exception {
        Iterator<String> answers = List.of(AttackRig.PUBLIC, "127.0.0.1").iterator();
        JudgedAddresses addresses = new JudgedAddresses(
                new AddressGuard(Set.of(), _ -> new InetAddress[] {InetAddress.ofLiteral(answers.next())}));

        // What the client connects to is what was judged; the name is not looked up again for it.
        assertThat(addresses.resolve("rebinding.example", 80))
                .containsExactly(new InetSocketAddress(InetAddress.ofLiteral(AttackRig.PUBLIC), 80));
        assertThatThrownBy(() -> addresses.resolve("rebinding.example", 80))
                .isInstanceOf(JudgedAddresses.RefusedException.class);
    }

    @Attack("lookup-past-the-guard")
    @Test
    void shouldLookNamesUpNowhereElse() throws Exception {
        // Only the rig knows this name: a client that looked it up by itself would not find the server.
        try (AttackRig allowed = new AttackRig("known.example:" + victim.port())) {
            allowed.names.put("known.example", List.of("127.0.0.1"));

            assertThat(allowed.fetch("http://known.example:" + victim.port() + "/"))
                    .hasSize("secret".length());
        }
        assertThat(victim.requests().getFirst()).contains("Host: known.example:" + victim.port());
    }

    @Attack("user-in-the-address")
    @ParameterizedTest
    @ValueSource(strings = {"public.example@127.0.0.1", "user:password@public.example", "public.example:80@localhost"})
    void shouldRefuseUsersInAddresses(String authority) {
        rig.names.put("public.example", List.of(AttackRig.PUBLIC));

        assertRefused(authority);
    }

    @Attack("dots-of-other-scripts")
    @ParameterizedTest
    @ValueSource(strings = {"127。0。0。1", "127．0．0．1", "①②⑦.0.0.1", "localhoſt"})
    void shouldNotTakeOtherDotsAndDigitsForOurs(String host) {
        assertThat(failureOfUri("http://" + host + ":" + victim.port() + "/")).isEqualTo("capture.refused");
    }

    @Attack("encoded-host")
    @ParameterizedTest
    @ValueSource(strings = {"127%2e0%2e0%2e1", "%6cocalhost"})
    void shouldRefuseEncodedHosts(String host) {
        assertRefused(host);
    }

    @Attack("other-schemes")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://public.example/x",
                "gopher://127.0.0.1:6379/_INFO",
                "jar:http://public.example/x.jar!/y",
                "ldap://public.example/x",
                "data:text/plain,x",
                "javascript:x"
            })
    void shouldSpeakNothingButHttp(String uri) {
        assertThat(rig.failure(uri)).isEqualTo("capture.refused");
    }

    @Attack("ports-of-other-protocols")
    @ParameterizedTest
    @ValueSource(ints = {0, 22, 25, 111, 445, 1023, 2049, 6379, 6667, 11211, 65536})
    void shouldNotSpeakToOtherProtocols(int port) {
        rig.names.put("public.example", List.of(AttackRig.PUBLIC));

        assertThat(failureOfUri("http://public.example:" + port + "/")).isEqualTo("capture.refused");
    }

    @Attack("name-like-an-allowed-one")
    @ParameterizedTest
    @ValueSource(
            strings = {"intern.example.evil.example", "not-intern.example", "intern.example:81", "xintern.example"})
    void shouldNotTakeANameForTheAllowedOne(String authority) {
        try (AttackRig allowed = new AttackRig("intern.example:80")) {
            String host = authority.replaceAll(":.*", "");
            allowed.names.put(host, List.of("127.0.0.1"));
            assertThat(allowed.failure("http://" + authority + "/")).isEqualTo("capture.refused");
        }
    }

    private void assertRefused(String host) {
        assertThat(rig.failure("http://" + host + ":" + victim.port() + "/")).isEqualTo("capture.refused");
        assertThat(victim.requests()).isEmpty();
    }

    /** Of an address that may not even be one. */
    private String failureOfUri(String text) {
        try {
            rig.outbound.guard().check(new URI(text));
        } catch (CallException e) {
            return e.code();
        } catch (java.net.URISyntaxException e) {
            return "capture.refused"; // Uris.parse says so
        }
        return "none";
    }
}
