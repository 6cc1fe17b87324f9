package io.penstock.docker;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import kafka.server.KafkaConfig;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The Akash SDL says the same as {@code docker/compose.yaml}, and fits together. */
class AkashTest {
    private static final JsonNode SDL = ComposeFile.yaml(Path.of("docker/akash.yaml"));

    static Stream<String> services() {
        List<String> names = new ArrayList<>();
        SDL.path("services").fieldNames().forEachRemaining(names::add);
        return names.stream();
    }

    @Test
    void shouldDeployTheServicesOfTheComposeFile() {
        assertThat(SDL.path("version").textValue()).isEqualTo("2.0");
        assertThat(services()).containsExactlyElementsOf(ComposeTest.services().toList());
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldHaveResourcesAPriceAndAPlace(String service) {
        JsonNode deployment = SDL.at("/deployment/" + service + "/anywhere");
        String profile = deployment.path("profile").asText();
        assertThat(deployment.path("count").intValue()).isEqualTo(1);
        JsonNode resources = SDL.at("/profiles/compute/" + profile + "/resources");
        assertThat(resources.at("/cpu/units").doubleValue()).isPositive();
        assertThat(resources.at("/memory/size").asText()).matches("[0-9]+[MG]i");
        assertThat(SDL.at("/profiles/placement/anywhere/pricing/" + profile + "/amount")
                        .intValue())
                .isPositive();
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldHaveTheEnvironmentOfTheComposeFile(String service) {
        Map<String, String> expected = ComposeFile.read().environment(service, Map.of("PENSTOCK_API_KEY", "CHANGE-ME"));
        Map<String, String> found = environment(service);
        expected.values().removeIf(String::isEmpty);
        if (service.equals("kafka")) {
            for (String differs : List.of("CLUSTER_ID", "KAFKA_LOG_DIRS")) {
                assertThat(found.remove(differs)).isNotNull();
                expected.remove(differs);
            }
            assertThat(new KafkaConfig(Known.kafkaSettings(environment(service)), false).logDirs())
                    .containsExactly("/var/lib/kafka/data/log");
        }
        assertThat(found).isEqualTo(expected);
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldNameImagesByVersion(String service) {
        assertThat(SDL.at("/services/" + service + "/image").asText()).matches(Known.PINNED_IMAGE);
    }

    @ParameterizedTest
    @MethodSource("services")
    void shouldExposeOnlyTheGatewayToTheWorld(String service) {
        List<String> to = new ArrayList<>();
        for (JsonNode port : SDL.at("/services/" + service + "/expose")) {
            assertThat(port.path("port").intValue()).isEqualTo(service.equals("kafka") ? 9092 : 8080);
            for (JsonNode target : port.path("to")) {
                to.add(
                        target.path("global").asBoolean()
                                ? "the world"
                                : target.path("service").asText());
            }
        }
        assertThat(to.contains("the world")).isEqualTo(service.equals("gateway"));
        to.remove("the world");
        assertThat(services()).containsAll(to);
        // Each of Penstock's services calls the others, and all of them call Kafka and the registry.
        assertThat(to)
                .containsAll(ComposeFile.PENSTOCK_SERVICES.stream()
                        .filter(other -> !other.equals(service))
                        .toList());
    }

    @Test
    void shouldKeepTheLogOfKafka() {
        JsonNode volumes = SDL.at("/profiles/compute/kafka/resources/storage");
        JsonNode log = StreamSupport.stream(volumes.spliterator(), false)
                .filter(volume -> volume.path("name").asText().equals("log"))
                .findFirst()
                .orElseThrow();
        assertThat(log.at("/attributes/persistent").booleanValue()).isTrue();
        assertThat(environment("kafka").getOrDefault("KAFKA_LOG_DIRS", ""))
                .startsWith(SDL.at("/services/kafka/params/storage/log/mount").asText("-") + "/");
    }

    private static Map<String, String> environment(String service) {
        Map<String, String> environment = new TreeMap<>();
        for (JsonNode entry : SDL.at("/services/" + service + "/env")) {
            int equals = entry.asText().indexOf('=');
            environment.put(entry.asText().substring(0, equals), entry.asText().substring(equals + 1));
        }
        return environment;
    }
}
