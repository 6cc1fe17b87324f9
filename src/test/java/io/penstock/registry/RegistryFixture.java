package io.penstock.registry;

import io.penstock.broker.EmbeddedBroker;
import io.penstock.kafka.FixedTopics;
import io.penstock.kafka.KafkaProvisioner;
import io.penstock.kafka.KafkaSettings;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.admin.Admin;

/** Makes {@code _schemas} on a broker, and says how to reach it. */
public final class RegistryFixture {
    private RegistryFixture() {}

    public static KafkaSettings settings(EmbeddedBroker broker) {
        KafkaSettings settings = new KafkaSettings(broker.bootstrapServers(), Map.of(), (short) 1);
        try (Admin admin = Admin.create(settings.admin())) {
            new KafkaProvisioner(admin, (short) 1).ensure(List.of(FixedTopics.schemas()));
        }
        return settings;
    }
}
