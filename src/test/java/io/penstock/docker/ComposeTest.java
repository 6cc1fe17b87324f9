package io.penstock.docker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kafka.server.KafkaConfig;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.server.config.AbstractKafkaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.MethodSource;

/** The services of {@code docker/compose.yaml} are what Penstock, Kafka and the registry need. */
class ComposeTest {
    static final List<String> PENSTOCK_SERVICES = ComposeFile.PENSTOCK_SERVICES;
    private static final Map<String, String> SHELL = Map.of("PENSTOCK_API_KEY", "a-key");
    private static final Set<String> SERVICE_KEYS = Set.of(
            "image",
            "build",
            "restart",
            "stop_grace_period",
            "read_only",
            "tmpfs",
            "cap_drop",
            "security_opt",
            "networks",
            "depends_on",
            "environment",
            "ports",
            "volumes",
            "healthcheck",
            "mem_limit");

    private final ComposeFile compose = ComposeFile.read();

    static Stream<String> services() {
        List<String> names = new ArrayList<>();
        ComposeFile.read().root().path("services").fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    @Test
    void shouldRunEachRoleOnce() {
        assertThat(services()).containsExactly("gateway", "processors", "rag", "kafka", "registry");
        assertThat(PENSTOCK_SERVICES)
                .allSatisfy(service -> assertThat(environment(service)).containsEntry("PENSTOCK_ROLES", service));
    }

    @ParameterizedTest
    @FieldSource("PENSTOCK_SERVICES")
    void shouldSetOnlyVariablesThatPenstockReads(String service) {
        assertThat(Known.variables()).containsAll(environment(service).keySet());
    }

    @ParameterizedTest
    @FieldSource("PENSTOCK_SERVICES")
    void shouldSetOnlyVariablesThatAreDocumented(String service) {
        String operations = Known.text(Path.of("docs/operations.md"));
        assertThat(environment(service).keySet())
                .allSatisfy(variable -> assertThat(operations).contains("| `" + variable + "` |"));
    }

    @ParameterizedTest
    @FieldSource("PENSTOCK_SERVICES")
    void shouldReachTheOthersByTheirNames(String service) {
        Map<String, String> environment = environment(service);
        assertThat(environment)
                .containsEntry("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")
                .containsEntry("PENSTOCK_ADVERTISED_URL", "http://" + service + ":8080")
                .containsEntry("PENSTOCK_API_KEY", "a-key");
        URI registry = URI.create(environment.getOrDefault("SCHEMA_REGISTRY_URL", ""));
        assertThat(services()).contains(registry.getHost());
        assertThat(registry).hasPort(8080).hasPath("/apis/ccompat/v7");
    }

    @Test
    void shouldNotStartWithoutAKey() {
        assertThat(PENSTOCK_SERVICES)
                .allSatisfy(service -> assertThatThrownBy(() -> compose.environment(service, Map.of()))
                        .hasMessageContaining("PENSTOCK_API_KEY is required"));
        assertThat(Known.text(ComposeFile.PATH)).doesNotContainPattern("PENSTOCK_API_KEY: [^$]");
    }

    @ParameterizedTest
    @FieldSource("PENSTOCK_SERVICES")
    void shouldWriteToItsDataAndToTmpOnly(String service) {
        JsonNode node = compose.service(service);
        assertThat(node.path("read_only").booleanValue()).isTrue();
        assertThat(node.path("tmpfs").path(0).asText())
                .as("native libraries run from there")
                .startsWith("/tmp:exec,");
        assertThat(texts(node.path("volumes")))
                .contains(service + "-data:/var/lib/penstock")
                .allMatch(volume -> volume.endsWith(":ro") || volume.endsWith(":/var/lib/penstock"));
        assertThat(texts(node.path("cap_drop"))).containsExactly("ALL");
    }

    @ParameterizedTest
    @FieldSource("PENSTOCK_SERVICES")
    void shouldBuildTheOneImage(String service) {
        JsonNode node = compose.service(service);
        assertThat(node.path("image").asText()).isEqualTo("${PENSTOCK_IMAGE:-penstock:0.1.0}");
        assertThat(Path.of(
                        "docker",
                        node.at("/build/context").asText(),
                        node.at("/build/dockerfile").asText()))
                .exists();
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldBeBoundedAndRestarted(String service) {
        JsonNode node = compose.service(service);
        assertThat(node.properties().stream().map(Map.Entry::getKey)).isSubsetOf(SERVICE_KEYS);
        assertThat(node.path("mem_limit").asText()).matches("[0-9]+[mg]");
        assertThat(node.path("restart").asText()).isEqualTo("unless-stopped");
        assertThat(texts(node.path("security_opt"))).containsExactly("no-new-privileges:true");
        assertThat(texts(node.path("networks"))).containsExactly("penstock");
        assertThat(ComposeFile.interpolate(node.path("image").asText(), Map.of()))
                .matches(Known.PINNED_IMAGE);
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldPublishNothingButTheGatewayAndThatToThisMachineOnly(String service) {
        List<String> ports = texts(compose.service(service).path("ports")).stream()
                .map(port -> ComposeFile.interpolate(port, Map.of()))
                .toList();
        if (service.equals("gateway")) {
            assertThat(ports).containsExactly("127.0.0.1:8080:8080");
        } else {
            assertThat(ports).isEmpty();
        }
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldNameVolumesAndNetworksThatAreDeclared(String service) {
        for (String volume : texts(compose.service(service).path("volumes"))) {
            String source = volume.substring(0, volume.indexOf(':'));
            if (source.startsWith(".")) {
                assertThat(Path.of("docker", source)).isDirectory();
            } else {
                assertThat(compose.root().path("volumes").has(source)).isTrue();
            }
        }
        assertThat(compose.root().path("networks").has("penstock")).isTrue();
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldWaitForServicesThatSayWhenTheyAreHealthy(String service) {
        compose.service(service).path("depends_on").properties().forEach(dependency -> {
            assertThat(dependency.getValue().path("condition").asText()).isEqualTo("service_healthy");
            assertThat(compose.service(dependency.getKey()).path("healthcheck").has("test"))
                    .isTrue();
        });
    }

    @Test
    void shouldGiveKafkaSettingsThatItKnowsAndAccepts() {
        Map<String, String> settings = Known.kafkaSettings(environment("kafka"));
        assertThat(AbstractKafkaConfig.CONFIG_DEF.names()).containsAll(settings.keySet());

        KafkaConfig kafka = new KafkaConfig(settings, false);

        assertThat(kafka.effectiveAdvertisedBrokerListeners().mkString(" "))
                .contains("host='kafka', port=9092", "host='127.0.0.1', port=9094");
        assertThat(kafka.autoCreateTopicsEnable()).isFalse();
        assertThat(Uuid.fromString(environment("kafka").getOrDefault("CLUSTER_ID", "")))
                .isNotEqualTo(Uuid.ZERO_UUID);
    }

    private Map<String, String> environment(String service) {
        return compose.environment(service, SHELL);
    }

    private static List<String> texts(JsonNode array) {
        return StreamSupport.stream(array.spliterator(), false)
                .map(JsonNode::asText)
                .toList();
    }
}
