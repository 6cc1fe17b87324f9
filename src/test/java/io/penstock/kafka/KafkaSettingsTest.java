package io.penstock.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.kafka.streams.StreamsConfig;
import org.junit.jupiter.api.Test;

class KafkaSettingsTest {
    private static final Map<String, String> PROPERTIES = Map.of(
            "kafka.security.protocol", "SASL_SSL",
            "kafka.sasl.jaas.config", "secret-of-the-test",
            "kafka.bootstrap.servers", "elsewhere:1",
            "kafka.isolation.level", "read_uncommitted",
            "quarkus.http.port", "8080");

    private final KafkaSettings settings = KafkaSettings.fromProperties("broker:9092", PROPERTIES, (short) -1);

    @Test
    void shouldPassSecuritySettingsToEveryClient() {
        for (Map<String, Object> config :
                List.of(settings.admin(), settings.producer(), settings.consumer("earliest"), settings.streams())) {
            assertThat(config)
                    .containsEntry("security.protocol", "SASL_SSL")
                    .containsEntry("bootstrap.servers", "broker:9092")
                    .doesNotContainKey("quarkus.http.port");
        }
    }

    @Test
    void shouldReadCommittedWhateverIsPassedThrough() {
        assertThat(settings.consumer("latest"))
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("auto.offset.reset", "latest");

        Map<String, Object> streams = new HashMap<>(settings.streams());
        streams.put(StreamsConfig.APPLICATION_ID_CONFIG, "app");
        StreamsConfig config = new StreamsConfig(streams);
        assertThat(config.getMainConsumerConfigs("group", "client", 0))
                .containsEntry("isolation.level", "read_committed")
                .containsEntry("session.timeout.ms", 6000);
        assertThat(config.getRestoreConsumerConfigs("client")).containsEntry("isolation.level", "read_committed");
        assertThat(config.getGlobalConsumerConfigs("client")).containsEntry("isolation.level", "read_committed");
        assertThat(config.getProducerConfigs("client"))
                .containsEntry("max.request.size", KafkaSettings.MAX_MESSAGE_BYTES);
    }

    @Test
    void shouldNotPrintSecrets() {
        assertThat(settings.toString()).contains("sasl.jaas.config").doesNotContain("secret-of-the-test");
    }
}
