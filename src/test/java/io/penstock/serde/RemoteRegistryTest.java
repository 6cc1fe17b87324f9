package io.penstock.serde;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import io.penstock.registry.EmbeddedRegistry;
import io.penstock.registry.RegistryServer;
import io.penstock.schema.Alert;
import io.penstock.schema.Run;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.List;
import java.util.Map;
import org.apache.avro.Schema;
import org.apache.avro.SchemaBuilder;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.common.serialization.Deserializer;
import org.apache.kafka.common.serialization.Serde;
import org.apache.kafka.common.serialization.Serializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(SharedBroker.class)
class RemoteRegistryTest {
    private final EmbeddedRegistry engine;
    private final RegistryServer server;

    RemoteRegistryTest(EmbeddedBroker broker) {
        KafkaSettings settings = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        try (Admin admin = Admin.create(settings.admin())) {
            new KafkaProvisioner(admin, (short) 1).ensure(List.of(FixedTopics.schemas()));
        }
        engine = EmbeddedRegistry.start(settings);
        server = new RegistryServer(engine);
    }

    @AfterEach
    void stop() {
        server.close();
        engine.close();
    }

    @Test
    void shouldRegisterAndLookUpOnceEach() {
        Schema schema = SchemaBuilder.record("Remote").fields().optionalInt("a").endRecord();
        try (RemoteRegistry first = new RemoteRegistry(config());
                RemoteRegistry second = new RemoteRegistry(config())) {
            int id = first.register("remote / with spaces+", schema);
            assertThat(first.register("remote / with spaces+", schema)).isEqualTo(id);
            assertThat(engine.register("remote / with spaces+", schema)).isEqualTo(id);
            assertThat(second.schema(id)).isEqualTo(schema);
            assertThat(second.schema(id)).isEqualTo(schema);
            assertThat(server.calls()).isEqualTo(2);
        }
    }

    @Test
    void shouldTellIncompatibleFromUnknownFromUnreachable() throws IOException {
        try (RemoteRegistry registry = new RemoteRegistry(config())) {
            registry.register("told", SchemaBuilder.record("Told").fields().endRecord());
            assertCode(
                    ErrorCode.SCHEMA_INCOMPATIBLE,
                    "field 'a'",
                    () -> registry.register(
                            "told",
                            SchemaBuilder.record("Told")
                                    .fields()
                                    .requiredInt("a")
                                    .endRecord()));
            assertCode(ErrorCode.RECORD_UNDECODABLE, "987654", () -> registry.schema(987_654));
        }
        String nobody = nobody();
        try (RemoteRegistry registry = new RemoteRegistry(Map.of("schema.registry.url", nobody))) {
            assertCode(ErrorCode.NOT_READY, "SCHEMA_REGISTRY_URL", () -> registry.schema(1));
        }
    }

    @Test
    void shouldAskTheNextUrlWhenOneIsDown() throws IOException {
        String urls = nobody() + ", " + server.url() + "/";
        try (RemoteRegistry registry = new RemoteRegistry(Map.of("schema.registry.url", urls))) {
            assertThat(registry.register(
                            "failover", SchemaBuilder.record("F").fields().endRecord()))
                    .isPositive();
        }
    }

    @Test
    void shouldSendCredentials() {
        try (RemoteRegistry basic = new RemoteRegistry(Map.of(
                        "schema.registry.url",
                        server.url(),
                        "basic.auth.credentials.source",
                        "USER_INFO",
                        "basic.auth.user.info",
                        "user:pass"));
                RemoteRegistry bearer =
                        new RemoteRegistry(Map.of("schema.registry.url", server.url(), "bearer.auth.token", "token"));
                RemoteRegistry inUrl = new RemoteRegistry(
                        Map.of("schema.registry.url", server.url().replace("http://", "http://user:pass@")))) {
            for (RemoteRegistry registry : List.of(basic, bearer, inUrl)) {
                registry.register(
                        "credentials", SchemaBuilder.record("C").fields().endRecord());
            }
        }
        assertThat(server.authorizations()).containsExactly("Basic dXNlcjpwYXNz", "Bearer token", "Basic dXNlcjpwYXNz");
    }

    @Test
    void shouldRefuseSettingsThatCannotWork() {
        for (String url : List.of("", "registry:8081", "ftp://registry", "http://:80:90")) {
            assertCode(
                    ErrorCode.CONFIG_INVALID,
                    "SCHEMA_REGISTRY_URL",
                    () -> new RemoteRegistry(Map.of("schema.registry.url", url)));
        }
    }

    @Test
    void shouldServeAnyClientBySerdeClassName() {
        Alert alert = Alert.newBuilder()
                .setTopic("economy")
                .setSegmentTargets(List.of("a"))
                .build();
        AvroSerdes ours = AvroSerdes.of(PenstockAvroSerde.class.getName(), config());
        AvroSerdes plugged = AvroSerdes.of(SomeonesSerde.class.getName(), config());

        byte[] bytes = plugged.codec(Alert.class).encode("alert", alert);
        assertThat(ours.codec(Alert.class).decode(bytes)).isEqualTo(alert);
        assertThat(plugged.codec(Alert.class).decode(ours.codec(Alert.class).encode("alert", alert)))
                .isEqualTo(alert);
        assertCode(
                ErrorCode.RECORD_UNDECODABLE, "", () -> plugged.codec(Run.class).decode(bytes));
        assertCode(
                ErrorCode.RECORD_UNDECODABLE,
                "",
                () -> plugged.codec(Alert.class).decode(new byte[] {1, 2}));
    }

    @Test
    void shouldStopWhenTheSerdeClassIsNone() {
        assertCode(ErrorCode.CONFIG_INVALID, "no.such.Serde", () -> AvroSerdes.of("no.such.Serde", config()));
        assertCode(ErrorCode.CONFIG_INVALID, "no Kafka Serde", () -> AvroSerdes.of("java.lang.Object", config()));
    }

    /** Stands for a serde that a user puts on the class path. */
    public static final class SomeonesSerde implements Serde<SpecificRecord> {
        private final PenstockAvroSerde<SpecificRecord> inner = new PenstockAvroSerde<>();

        public SomeonesSerde() {}

        @Override
        public void configure(Map<String, ?> config, boolean isKey) {
            inner.configure(config, isKey);
        }

        @Override
        public Serializer<SpecificRecord> serializer() {
            return inner.serializer();
        }

        @Override
        public Deserializer<SpecificRecord> deserializer() {
            return inner.deserializer();
        }
    }

    private Map<String, String> config() {
        return Map.of("schema.registry.url", server.url());
    }

    private static String nobody() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return "http://127.0.0.1:" + socket.getLocalPort();
        }
    }

    private static void assertCode(ErrorCode code, String part, Runnable call) {
        assertThatThrownBy(call::run).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(code);
            assertThat(e.detail()).contains(part);
        });
    }
}
