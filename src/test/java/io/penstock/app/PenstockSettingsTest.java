package io.penstock.app;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PenstockSettingsTest {
    @Test
    void shouldHaveADefaultForEverything() {
        assertThat(from(Map.of()))
                .isEqualTo(new PenstockSettings(
                        8080,
                        "127.0.0.1",
                        Path.of("data"),
                        Path.of("config"),
                        Path.of("topologies"),
                        Set.of("gateway", "processors", "rag"),
                        4,
                        64,
                        "all",
                        40,
                        Optional.empty(),
                        Optional.empty(),
                        9092,
                        Optional.empty(),
                        Optional.empty()));
    }

    @Test
    void shouldReadEachVariable() {
        PenstockSettings settings = from(Map.ofEntries(
                Map.entry("PENSTOCK_PORT", "0"),
                Map.entry("PENSTOCK_HOST", "0.0.0.0"),
                Map.entry("PENSTOCK_DATA", "/d"),
                Map.entry("PENSTOCK_CONFIG", "/c"),
                Map.entry("PENSTOCK_TOPOLOGIES", "/t"),
                Map.entry("PENSTOCK_ROLES", "rag , gateway"),
                Map.entry("PENSTOCK_PARTITIONS", "8"),
                Map.entry("PENSTOCK_MAX_TOPICS", "128"),
                Map.entry("PENSTOCK_TOPICS", "economy, health"),
                Map.entry("PENSTOCK_MIN_LETTERS", "7"),
                Map.entry("PENSTOCK_API_KEY", " k "),
                Map.entry("PENSTOCK_ADVERTISED_URL", "http://gateway:8080/"),
                Map.entry("PENSTOCK_KAFKA_PORT", "19092"),
                Map.entry("KAFKA_BOOTSTRAP_SERVERS", "kafka:9092"),
                Map.entry("SCHEMA_REGISTRY_URL", "http://registry:8081")));

        assertThat(settings)
                .isEqualTo(new PenstockSettings(
                        0,
                        "0.0.0.0",
                        Path.of("/d"),
                        Path.of("/c"),
                        Path.of("/t"),
                        Set.of("gateway", "rag"),
                        8,
                        128,
                        "economy, health",
                        7,
                        Optional.of("k"),
                        Optional.of("http://gateway:8080"),
                        19_092,
                        Optional.of("kafka:9092"),
                        Optional.of("http://registry:8081")));
    }

    @Test
    void shouldPreferAPropertyAndTakeABlankVariableForNone() {
        Map<String, String> properties = Map.of("penstock.port", "1234", "kafka.bootstrap.servers", "other:1");
        PenstockSettings settings = PenstockSettings.from(
                Map.of("PENSTOCK_PORT", "80", "PENSTOCK_API_KEY", "  ", "PENSTOCK_HOST", ""),
                name -> properties.getOrDefault(name, null));

        assertThat(settings.port()).isEqualTo(1234);
        assertThat(settings.bootstrapServers()).contains("other:1");
        assertThat(settings.apiKey()).isEmpty();
        assertThat(settings.host()).isEqualTo("127.0.0.1");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "PENSTOCK_PORT|http",
                "PENSTOCK_PORT|65536",
                "PENSTOCK_PORT|-1",
                "PENSTOCK_PARTITIONS|0",
                "PENSTOCK_PARTITIONS|1001",
                "PENSTOCK_MAX_TOPICS|0",
                "PENSTOCK_MAX_TOPICS|99999999999",
                "PENSTOCK_KAFKA_PORT|70000",
                "PENSTOCK_ROLES|cook",
                "PENSTOCK_ROLES|gateway,",
                "PENSTOCK_ROLES|all,rag",
                "PENSTOCK_ROLES|broker,rag",
                "PENSTOCK_ADVERTISED_URL|gateway:8080",
                "PENSTOCK_ADVERTISED_URL|/gateway",
                "PENSTOCK_ADVERTISED_URL|http://gateway?x=1",
                "PENSTOCK_TOPICS|eco(",
            })
    void shouldNameTheVariableThatIsWrong(String variable, String value) {
        assertThatThrownBy(() -> from(Map.of(variable, value))).isInstanceOfSatisfying(PenstockException.class, e -> {
            assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
            assertThat(e.detail()).contains(variable, "'" + value + "'");
        });
    }

    @Test
    void shouldRunABrokerAndNothingElseWhenThatIsItsRole() {
        PenstockSettings broker = from(Map.of("PENSTOCK_ROLES", "broker"));
        assertThat(broker.isBroker()).isTrue();
        assertThat(broker.runs("gateway")).isFalse();
        assertThat(from(Map.of()).isBroker()).isFalse();
        assertThat(from(Map.of()).runs("broker")).isFalse();

        assertThatThrownBy(() -> from(Map.of("PENSTOCK_ROLES", "broker", "KAFKA_BOOTSTRAP_SERVERS", "kafka:9092")))
                .isInstanceOfSatisfying(
                        PenstockException.class,
                        e -> assertThat(e.detail()).contains("PENSTOCK_ROLES", "KAFKA_BOOTSTRAP_SERVERS"));
    }

    @Test
    void shouldTellOthersWhereItIsReached() {
        Map<String, String> everywhere = Map.of("PENSTOCK_HOST", "0.0.0.0", "KAFKA_BOOTSTRAP_SERVERS", "kafka:9092");
        assertThat(from(everywhere).peerUrl()).isEqualTo("http://127.0.0.1:8080");
        assertThat(from(everywhere).isUnreachable()).isTrue();
        assertThat(from(Map.of("PENSTOCK_HOST", "10.0.0.7")).peerUrl()).isEqualTo("http://10.0.0.7:8080");

        PenstockSettings advertised =
                from(Map.of("PENSTOCK_HOST", "0.0.0.0", "PENSTOCK_ADVERTISED_URL", "https://penstock.example/base/"));
        assertThat(advertised.peerUrl()).isEqualTo("https://penstock.example/base");
        assertThat(advertised.isUnreachable()).isFalse();
    }

    @Test
    void shouldTellWhichTopologiesAndTopicsRunHere() {
        PenstockSettings some = from(Map.of("PENSTOCK_ROLES", "rag", "PENSTOCK_TOPICS", "economy, health"));
        assertThat(some.runs("rag")).isTrue();
        assertThat(some.runs("gateway")).isFalse();
        assertThat(some.runs("all")).isTrue();
        assertThat(some.takes("economy")).isTrue();
        assertThat(some.takes("health")).isTrue();
        assertThat(some.takes("econ")).isFalse();

        PenstockSettings pattern = from(Map.of("PENSTOCK_TOPICS", "eco.*|health"));
        assertThat(pattern.takes("economy")).isTrue();
        assertThat(pattern.takes("health")).isTrue();
        assertThat(pattern.takes("healthy")).isFalse();
        assertThat(from(Map.of()).takes("anything")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "127.0.0.1,true,http://127.0.0.1:8080",
        "127.1.2.3,true,http://127.1.2.3:8080",
        "localhost,true,http://localhost:8080",
        "::1,true,http://[::1]:8080",
        "[::1],true,http://[::1]:8080",
        "0.0.0.0,false,http://127.0.0.1:8080",
        "::,false,http://127.0.0.1:8080",
        "10.0.0.1,false,http://10.0.0.1:8080",
        "127.evil.example,false,http://127.evil.example:8080"
    })
    void shouldKnowWhetherItIsReachedFromElsewhere(String host, boolean loopback, String url) {
        PenstockSettings settings = from(Map.of("PENSTOCK_HOST", host));

        assertThat(settings.isLoopback()).isEqualTo(loopback);
        assertThat(settings.url()).isEqualTo(url);
    }

    @SuppressWarnings("NullAway") // a system property may be absent
    private static PenstockSettings from(Map<String, String> environment) {
        return PenstockSettings.from(environment, _ -> null);
    }
}
