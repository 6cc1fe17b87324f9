package io.penstock.kafka;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.broker.SharedBroker;
import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.consumer.OffsetAndMetadata;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.Producer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.ExtendWith;

@Timeout(60)
@ExtendWith(SharedBroker.class)
class KafkaProvisionerTest {
    private final KafkaSettings settings;
    private final Admin admin;
    private final KafkaProvisioner provisioner;

    KafkaProvisionerTest(EmbeddedBroker broker) {
        settings = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        admin = Admin.create(settings.admin());
        provisioner = new KafkaProvisioner(admin, (short) 1);
    }

    @AfterEach
    void removeTopics() {
        try (admin) {
            provisioner.deleteTopics(FixedTopics.of(2, List.of("chat")).stream()
                    .map(TopicSpec::name)
                    .toList());
        }
    }

    @Test
    void shouldMakeEveryTopicWithItsSettingsAndChangeNothingTheSecondTime() throws Exception {
        List<TopicSpec> specs = FixedTopics.of(2, List.of("chat"));
        provisioner.ensure(specs);
        provisioner.ensure(specs);

        assertThat(provisioner.topics())
                .contains("alert", "alert.segment", "capture.task", "inference", "chunk", "run.event", "chat.request")
                .contains("chat.reply", "catalog", "processors", "schedule", "instance", "alert.rejected")
                .contains("enrichment.rejected", "fence.ack", "dead-letter.chat");
        assertThat(partitions("chunk")).isEqualTo(2);
        assertThat(partitions("chat.reply")).isEqualTo(16);
        assertThat(partitions("catalog")).isEqualTo(1);
        assertThat(setting("chunk", "cleanup.policy")).isEqualTo("compact");
        assertThat(setting("chunk", "delete.retention.ms")).isEqualTo(days(7));
        assertThat(setting("alert", "cleanup.policy")).isEqualTo("delete");
        assertThat(setting("alert", "retention.ms")).isEqualTo(days(7));
        assertThat(setting("chat.reply", "retention.ms")).isEqualTo(days(1));
        assertThat(setting("dead-letter.chat", "retention.ms")).isEqualTo(days(30));
        assertThat(setting("inference", "max.message.bytes"))
                .isEqualTo(Integer.toString(KafkaSettings.MAX_MESSAGE_BYTES));
    }

    @Test
    void shouldStopWithAdviceWhenATopicHasOtherPartitions() {
        provisioner.ensure(FixedTopics.of(2, List.of("chat")));

        assertThatThrownBy(() -> provisioner.ensure(FixedTopics.of(3, List.of("chat"))))
                .isInstanceOfSatisfying(PenstockException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID);
                    assertThat(e.detail())
                            .contains("alert has 2 partitions where 3 are wanted", "chunk", "PENSTOCK_PARTITIONS")
                            .doesNotContain("catalog");
                });
    }

    @Test
    void shouldStopWhenATopicThatMustBeCompactedIsNot() {
        provisioner.ensure(List.of(TopicSpec.kept("chunk", 2, Duration.ofDays(1))));

        assertThatThrownBy(() -> provisioner.ensure(FixedTopics.of(2, List.of())))
                .isInstanceOf(PenstockException.class)
                .hasMessageContaining("chunk has the cleanup policy delete where compact is wanted");
    }

    @Test
    void shouldTakeTheLargestRecord() throws Exception {
        provisioner.ensure(List.of(FixedTopics.raw("large", 1)));
        try (Producer<byte[], byte[]> producer =
                new KafkaProducer<>(settings.producer(), new ByteArraySerializer(), new ByteArraySerializer())) {
            byte[] largest = new byte[KafkaSettings.MAX_RECORD_BYTES];
            assertThat(producer.send(new ProducerRecord<>("raw.large", largest))
                            .get(30, SECONDS)
                            .offset())
                    .isZero();
        }
        provisioner.deleteTopics(List.of("raw.large"));
    }

    @Test
    void shouldDeleteTopicsAndGroupsByExactNameAndPassOverWhatIsNotThere() throws Exception {
        provisioner.ensure(List.of(FixedTopics.raw("gone", 2), FixedTopics.raw("gone-not", 2)));
        admin.alterConsumerGroupOffsets(
                        "provisioner-group", Map.of(new TopicPartition("raw.gone-not", 0), new OffsetAndMetadata(0)))
                .all()
                .get(10, SECONDS);
        assertThat(provisioner.groups()).contains("provisioner-group");

        provisioner.deleteTopics(List.of("raw.gone", "raw.never-there"));
        provisioner.deleteGroups(List.of("provisioner-group", "never-there"));

        assertThat(provisioner.topics()).doesNotContain("raw.gone").contains("raw.gone-not");
        assertThat(provisioner.groups()).doesNotContain("provisioner-group");
        provisioner.deleteTopics(List.of("raw.gone-not"));
    }

    @Test
    void shouldDeleteATopicByItsIdAndNotTheNextOneOfItsName() {
        Uuid first = provisioner.make(FixedTopics.raw("lives", 2));
        assertThat(provisioner.make(FixedTopics.raw("lives", 2)))
                .as("as it is there")
                .isEqualTo(first);
        assertThat(provisioner.id("raw.lives")).contains(first);
        provisioner.deleteTopic(first);
        assertThat(provisioner.id("raw.lives")).isEmpty();

        Uuid second = provisioner.make(FixedTopics.raw("lives", 2));
        provisioner.deleteTopic(first);

        assertThat(second).isNotEqualTo(first);
        assertThat(provisioner.id("raw.lives")).contains(second);
        assertThatThrownBy(() -> provisioner.make(FixedTopics.raw("lives", 3)))
                .isInstanceOfSatisfying(
                        PenstockException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
        provisioner.deleteTopic(second);
    }

    private int partitions(String topic) throws Exception {
        return admin.describeTopics(List.of(topic)).allTopicNames().get(10, SECONDS).values().stream()
                .mapToInt(description -> description.partitions().size())
                .sum();
    }

    private String setting(String topic, String name) throws Exception {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, topic);
        return admin.describeConfigs(List.of(resource)).all().get(10, SECONDS).values().stream()
                .map(config -> config.get(name))
                .map(ConfigEntry::value)
                .collect(Collectors.joining());
    }

    private static String days(int days) {
        return Long.toString(Duration.ofDays(days).toMillis());
    }
}
