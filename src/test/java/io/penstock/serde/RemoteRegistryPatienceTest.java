package io.penstock.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.registry.RegistryFixture;
import io.penstock.registry.RegistryServer;
import io.penstock.schema.Alert;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

/** When the client registers, what it writes with, what it remembers, and how long it tries. */
@Timeout(60)
@ExtendWith(SharedBroker.class)
class RemoteRegistryPatienceTest {
    private final EmbeddedRegistry engine;
    private final RegistryServer server;

    RemoteRegistryPatienceTest(EmbeddedBroker broker) {
        engine = EmbeddedRegistry.start(RegistryFixture.settings(broker));
        server = new RegistryServer(engine);
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close();
    }

    @Test
    void shouldNotRegisterByWriting() {
        Schema schema = schema("Flowing");
        try (RemoteRegistry registry = registry()) {
            assertCode(ErrorCode.SCHEMA_UNKNOWN, "flowing-value", () -> registry.forWriting("flowing-value", schema));
            int id = engine.register("flowing-value", schema);
            assertThat(registry.forWriting("flowing-value", schema).id()).isEqualTo(id);
            int calls = server.calls();
            assertThat(registry.forWriting("flowing-value", schema).id()).isEqualTo(id);
            assertThat(server.calls()).isEqualTo(calls);
        }
        try (RemoteRegistry registry = registry("auto.register.schemas", "true")) {
            assertThat(registry.forWriting("flowing-anew", schema).id()).isPositive();
        }
    }

    @Test
    void shouldRegisterNothingWhenOthersDecideOnSchemas() {
        Schema schema = schema("Managed");
        try (RemoteRegistry registry = registry("auto.register.schemas", "false")) {
            assertCode(ErrorCode.SCHEMA_UNKNOWN, "managed", () -> registry.register("managed", schema));
            int id = engine.register("managed", schema);
            assertThat(registry.register("managed", schema)).isEqualTo(id);
        }
    }

    @Test
    void shouldWriteWithTheLatestVersionOfTheSubject() {
        Schema wider = new Schema.Parser()
                .parse(Alert.getClassSchema()
                        .toString()
                        .replace(
                                "\"fields\":[", "\"fields\":[{\"name\":\"priority\",\"type\":\"int\",\"default\":3},"));
        engine.register("latest-value", Alert.getClassSchema());
        int id = engine.register("latest-value", wider);
        Alert alert = alert();
        try (RemoteRegistry registry = registry("use.latest.version", "true")) {
            AvroCodec<Alert> codec = new AvroSerdes(registry).codec(Alert.class);
            byte[] bytes = codec.encode("latest", alert);

            assertThat(ByteBuffer.wrap(bytes, 1, 4).getInt()).isEqualTo(id);
            assertThat(codec.decode(bytes)).isEqualTo(alert);
            assertCode(ErrorCode.SCHEMA_UNKNOWN, "none-value", () -> codec.encode("none", alert));
            engine.register(
                    "narrow-value",
                    SchemaBuilder.record("Alert").fields().requiredInt("needed").endRecord());
            assertCode(ErrorCode.SCHEMA_INCOMPATIBLE, "narrow-value", () -> codec.encode("narrow", alert));
        }
    }

    @Test
    void shouldSeeALaterVersionWhenWhatItKnewIsTooOld() {
        engine.register("later", schema("Later"));
        try (RemoteRegistry registry = registry("use.latest.version", "true", "latest.cache.ttl.sec", "0")) {
            RegisteredSchema first = registry.forWriting("later", schema("Later"));
            Schema wider = SchemaBuilder.record("Later")
                    .fields()
                    .optionalString("a")
                    .optionalString("b")
                    .endRecord();
            int second = engine.register("later", wider);

            assertThat(first.lasting()).isFalse();
            assertThat(registry.forWriting("later", schema("Later")).id()).isEqualTo(second);
        }
    }

    @Test
    void shouldTryAgainWhenTheRegistryFailsForAMoment() {
        int id = engine.register("again", schema("Again"));
        try (RemoteRegistry registry = registry("retries.wait.ms", "1")) {
            server.fail(3);
            assertThat(registry.schema(id).getName()).isEqualTo("Again");
        }
        try (RemoteRegistry registry = registry("max.retries", "1", "retries.wait.ms", "1")) {
            server.fail(2);
            assertCode(ErrorCode.NOT_READY, "answered 500", () -> registry.schema(id));
            assertThat(registry.schema(id).getName()).isEqualTo("Again");
        }
    }

    @Test
    void shouldReadWhatItWroteWhileTheRegistryIsAway() {
        try (RemoteRegistry registry = registry("max.retries", "0", "auto.register.schemas", "true")) {
            AvroCodec<Alert> codec = new AvroSerdes(registry).codec(Alert.class);
            byte[] bytes = codec.encode("away", alert());
            server.close();

            assertThat(codec.decode(bytes)).isEqualTo(alert());
            assertThat(codec.encode("away", alert())).isEqualTo(bytes);
            assertCode(ErrorCode.NOT_READY, "SCHEMA_REGISTRY_URL", () -> registry.schema(876_543));
        }
    }

    @Test
    void shouldBelieveForAWhileOnlyThatAnIdIsUnknown() {
        try (RemoteRegistry registry = registry();
                RemoteRegistry forgetful = registry("missing.id.cache.ttl.sec", "0")) {
            int next = engine.register("missing-one", schema("MissingOne")) + 1;
            for (int i = 0; i < 3; i++) {
                assertCode(ErrorCode.RECORD_UNDECODABLE, "" + next, () -> registry.schema(next));
            }
            assertThat(server.calls()).isEqualTo(1);
            assertCode(ErrorCode.RECORD_UNDECODABLE, "" + next, () -> forgetful.schema(next));
            assertThat(engine.register("missing-two", schema("MissingTwo"))).isEqualTo(next);
            assertThat(forgetful.schema(next).getName()).isEqualTo("MissingTwo");
        }
    }

    @Test
    void shouldTakeSettingsWithConfluentsPrefixAndBearerTokens() {
        try (RemoteRegistry prefixed = registry(
                        "schema.registry.basic.auth.credentials.source",
                        "USER_INFO",
                        "schema.registry.basic.auth.user.info",
                        "user:pass");
                RemoteRegistry bearer =
                        registry("bearer.auth.credentials.source", "STATIC_TOKEN", "bearer.auth.token", "token")) {
            for (RemoteRegistry registry : List.of(prefixed, bearer)) {
                registry.register("prefixed", schema("Prefixed"));
            }
        }
        assertThat(server.authorizations()).containsExactly("Basic dXNlcjpwYXNz", "Bearer token");
    }

    @Test
    void shouldRefuseSettingsThatContradictEachOtherWithoutShowingSecrets() {
        assertRefused("basic.auth.user.info", "basic.auth.credentials.source", "USER_INFO");
        assertRefused("SASL_INHERIT", "basic.auth.credentials.source", "SASL_INHERIT");
        assertRefused("bearer.auth.token", "bearer.auth.credentials.source", "STATIC_TOKEN");
        assertRefused("max.retries", "max.retries", "-1");
        assertRefused("http.read.timeout.ms", "http.read.timeout.ms", "soon");
        assertRefused("use.latest.version", "use.latest.version", "perhaps");
        assertThat(new RegistrySettings(Map.of("bearer.auth.token", "secret")))
                .asString()
                .doesNotContain("secret");
    }

    private void assertRefused(String part, String... settings) {
        assertCode(ErrorCode.CONFIG_INVALID, part, () -> registry(settings));
    }

    private RemoteRegistry registry(String... settings) {
        Map<String, String> config = new HashMap<>(Map.of("schema.registry.url", server.url()));
        for (int i = 0; i < settings.length; i += 2) {
            config.put(settings[i], settings[i + 1]);
        }
        return new RemoteRegistry(config);
    }

    private static Alert alert() {
        return Alert.newBuilder()
                .setTopic("economy")
                .setSegmentTargets(List.of("statements"))
                .build();
    }

    private static Schema schema(String name) {
        return SchemaBuilder.record(name).fields().optionalString("a").endRecord();
    }

    private static void assertCode(ErrorCode code, String part, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).contains(part);
        });
    }
}
