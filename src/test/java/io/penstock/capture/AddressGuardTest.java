package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.penstock.stage.CallException;
import java.net.InetAddress;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class AddressGuardTest {
    private static final String PUBLIC = "93.184.216.34";

    @ParameterizedTest
    @ValueSource(
            strings = {
                "127.0.0.1",
                "127.9.9.9",
                "0.0.0.0",
                "0.1.2.3",
                "10.1.2.3",
                "172.16.0.1",
                "172.31.255.255",
                "192.168.1.1",
                "169.254.169.254",
                "100.64.0.1",
                "100.100.100.200",
                "192.0.0.192",
                "192.0.2.1",
                "198.18.0.1",
                "198.19.255.255",
                "198.51.100.1",
                "203.0.113.1",
                "168.63.129.16",
                "224.0.0.1",
                "239.1.1.1",
                "240.0.0.1",
                "255.255.255.255",
                "::1",
                "::",
                "fe80::1",
                "fec0::1",
                "fc00::1",
                "fd00:ec2::254",
                "ff02::1",
                "::ffff:127.0.0.1",
                "64:ff9b::7f00:1",
                "64:ff9b::a9fe:a9fe",
                "2002:7f00:1::1",
                "2001:db8::1",
                "2001::1",
                "3fff::1",
                "100::1",
                "::7f00:1"
            })
    void shouldRefuseAddressesThatAreNotPublic(String address) throws UnknownHostException {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                PUBLIC,
                "8.8.8.8",
                "172.15.0.1",
                "172.32.0.1",
                "100.63.0.1",
                "100.128.0.1",
                "169.253.1.1",
                "192.0.1.1",
                "198.17.0.1",
                "198.20.0.1",
                "223.255.255.255",
                "2606:2800:220:1::1",
                "2a00:1450:4001::1",
                "64:ff9b::808:808"
            })
    void shouldAllowPublicAddresses(String address) throws UnknownHostException {
        assertThat(AddressGuard.isPublic(InetAddress.getByName(address))).isTrue();
    }

    @Test
    void shouldRefuseAHostWhenOneOfItsAddressesIsNotPublic() {
        AddressGuard guard = new AddressGuard(
                Set.of(), _ -> new InetAddress[] {InetAddress.ofLiteral(PUBLIC), InetAddress.ofLiteral("10.0.0.1")});

        assertRefused(guard, "http://mixed.example/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "file:///etc/passwd",
                "ftp://public.example/x",
                "jar:http://public.example/x",
                "http:///nohost",
                "http://user:pass@public.example/",
                "http:public.example",
                "gopher://public.example:70/"
            })
    void shouldRefuseOtherSchemesAndUsers(String uri) {
        assertRefused(new AddressGuard(Set.of(), AddressGuardTest::publicly), uri);
    }

    @Test
    void shouldAllowAHostByNameAndByNameAndPort() {
        AddressGuard guard =
                new AddressGuard(Set.of("intern.example", "other.example:8080"), AddressGuardTest::locally);

        assertAllowed(guard, "http://intern.example:99/x");
        assertAllowed(guard, "https://INTERN.example./x");
        assertAllowed(guard, "http://other.example:8080/");
        assertRefused(guard, "http://other.example/");
        assertRefused(guard, "http://other.example:8081/");
        assertRefused(guard, "http://not-intern.example/");
        assertRefused(guard, "http://intern.example.evil.example/");
    }

    @Test
    void shouldKnowTheDefaultPorts() {
        AddressGuard guard = new AddressGuard(Set.of("a.example:80", "b.example:443"), AddressGuardTest::locally);

        assertAllowed(guard, "http://a.example/");
        assertRefused(guard, "https://a.example/");
        assertAllowed(guard, "https://b.example/");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://localhost/",
                "http://127.1/",
                "http://2130706433/",
                "http://[::1]/",
                "http://[::ffff:169.254.169.254]/",
                "http://169.254.169.254/latest/meta-data/"
            })
    void shouldJudgeTheAddressHoweverItIsWritten(String uri) {
        assertThat(catchThrowableOfType(
                        CallException.class, () -> reach(new AddressGuard(Set.of(), InetAddress::getAllByName), uri)))
                .isNotNull();
    }

    @Test
    void shouldTryAgainWhenAHostHasNoAddress() {
        AddressGuard guard = new AddressGuard(Set.of(), host -> {
            throw new UnknownHostException(host);
        });

        CallException failure = catchThrowableOfType(CallException.class, () -> reach(guard, "http://none.example/"));
        assertThat(failure.code()).isEqualTo("capture.unreachable");
        assertThat(failure.isPermanent()).isFalse();
    }

    private static void reach(AddressGuard guard, String text) throws CallException {
        URI uri = URI.create(text);
        guard.check(uri);
        guard.destinations(uri.getHost(), Uris.port(uri));
    }

    private static InetAddress[] publicly(String host) {
        return new InetAddress[] {InetAddress.ofLiteral(PUBLIC)};
    }

    private static InetAddress[] locally(String host) {
        return new InetAddress[] {InetAddress.ofLiteral("10.0.0.1")};
    }

    private static void assertAllowed(AddressGuard guard, String uri) {
        assertThatCode(() -> reach(guard, uri)).doesNotThrowAnyException();
    }

    private static void assertRefused(AddressGuard guard, String uri) {
        CallException failure = catchThrowableOfType(CallException.class, () -> reach(guard, uri));
        assertThat(failure).isNotNull();
        assertThat(failure.code()).isEqualTo("capture.refused");
        assertThat(failure.isPermanent()).isTrue();
    }
}
