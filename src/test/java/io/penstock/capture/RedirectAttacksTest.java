package io.penstock.capture;

import static org.assertj.core.api.Assertions.assertThat;

import io.penstock.schema.SourceConfig;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that may be reached leads to what may not, or to where keys must not go. */
class RedirectAttacksTest {
    private static final String KEY = "key-that-nobody-else-gets";

    @Attack("redirect-to-metadata")
    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://169.254.169.254/latest/meta-data/",
                "//169.254.169.254/latest/meta-data/",
                "http://[::ffff:a9fe:a9fe]/",
                "http://2852039166/"
            })
    void shouldNotFollowToMetadata(String target) throws Exception {
        assertRefused(target);
    }

    @Attack("redirect-to-loopback")
    @Test
    void shouldNotFollowToLoopback() throws Exception {
        try (RawServer victim = RawServer.answering("secret")) {
            assertRefused("http://localhost:" + victim.port() + "/");
            assertThat(victim.requests()).isEmpty();
        }
    }

    @Attack("redirect-to-another-scheme")
    @ParameterizedTest
    @ValueSource(strings = {"file:///etc/passwd", "ftp://public.example/", "gopher://127.0.0.1:70/", "data:,x"})
    void shouldNotFollowToOtherSchemes(String target) throws Exception {
        assertRefused(target);
    }

    @Attack("redirect-with-a-user")
    @Test
    void shouldNotFollowToAddressesWithUsers() throws Exception {
        assertRefused("http://user:password@public.example/");
    }

    @Attack("redirect-loop")
    @Test
    void shouldEndALoop() throws Exception {
        try (RawServer server = new RawServer((_, out) -> out.write(RawServer.redirect(302, "/again")));
                AttackRig rig = new AttackRig(server.authority())) {
            assertThat(rig.failure("http://" + server.authority() + "/")).isEqualTo("capture.http-status");
            assertThat(server.requests()).hasSize(6);
        }
    }

    @Attack("redirect-takes-the-key")
    @ParameterizedTest
    @ValueSource(strings = {"Authorization", "X-Api-Key", "Cookie", "Private-Token"})
    void shouldNotTakeAKeyToAnotherServer(String header) throws Exception {
        try (RawServer thief = RawServer.answering("thanks");
                RawServer server = leadingTo(() -> "http://" + thief.authority() + "/");
                AttackRig rig = new AttackRig("127.0.0.1")) {
            rig.source.fetch(Requests.of(withKey(server, header).build(), "x"));

            assertThat(server.requests().getFirst()).contains(KEY);
            assertThat(thief.requests()).hasSize(1);
            assertThat(thief.requests().getFirst()).doesNotContain(KEY);
        }
    }

    @Attack("redirect-there-and-back")
    @Test
    void shouldNotTakeTheKeyUpAgainWhenItIsLedBack() throws Exception {
        String[] target = new String[1];
        try (RawServer server = new RawServer((request, out) -> out.write(
                        request.startsWith("GET /back")
                                ? RawServer.ok("A: b", new byte[0])
                                : RawServer.redirect(302, target[0])));
                RawServer between = leadingTo(() -> "http://" + server.authority() + "/back?open=to-all");
                AttackRig rig = new AttackRig("127.0.0.1")) {
            target[0] = "http://" + between.authority() + "/";
            rig.source.fetch(Requests.of(withKey(server, "Authorization").build(), "x"));

            assertThat(server.requests()).hasSize(2);
            assertThat(server.requests().get(0)).contains(KEY);
            assertThat(server.requests().get(1)).doesNotContain(KEY);
        }
    }

    @Attack("redirect-takes-the-body")
    @ParameterizedTest
    @ValueSource(ints = {307, 308})
    void shouldNotTakeABodyToAnotherServer(int status) throws Exception {
        try (RawServer thief = RawServer.answering("thanks");
                RawServer server = new RawServer(
                        (_, out) -> out.write(RawServer.redirect(status, "http://" + thief.authority() + "/")));
                AttackRig rig = new AttackRig("127.0.0.1")) {
            SourceConfig post = Requests.source("http", "http://" + server.authority() + "/")
                    .setMethod("POST")
                    .setBody("{\"token\": \"" + KEY + "\"}")
                    .build();

            assertThat(rig.failure(Requests.of(post, "x"))).isEqualTo("capture.refused");
            assertThat(thief.requests()).isEmpty();
        }
    }

    private static void assertRefused(String target) throws Exception {
        try (RawServer server = leadingTo(() -> target);
                AttackRig rig = new AttackRig(server.authority())) {
            rig.names.put("public.example", List.of(AttackRig.PUBLIC));
            assertThat(rig.failure("http://" + server.authority() + "/")).isEqualTo("capture.refused");
            assertThat(server.requests()).hasSize(1);
        }
    }

    private static RawServer leadingTo(java.util.function.Supplier<String> target) throws IOException {
        return new RawServer((_, out) -> out.write(RawServer.redirect(302, target.get())));
    }

    private static SourceConfig.Builder withKey(RawServer server, String header) {
        return Requests.source("http", "http://" + server.authority() + "/").setHeaders(Map.of(header, KEY));
    }
}
