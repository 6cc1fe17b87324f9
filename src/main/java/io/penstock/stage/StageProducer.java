package io.penstock.stage;

import java.util.Map;
import java.util.Set;
import java.util.concurrent.Future;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerConfig;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The producer of a StreamThread, which tells when all that it was given has arrived, and of some topics when each record has. */
final class StageProducer extends KafkaProducer<byte[], byte[]> {
    private static final Logger LOG = LoggerFactory.getLogger(StageProducer.class);

    private static final Set<String> ALL = Set.of("all", "-1");

    private final StageClients clients;
    /** Whether what has arrived can be read and stays: no transaction has to be committed first, and no replica is missing. */
    private final boolean arrivedForGood;

    StageProducer(Map<String, Object> config, StageClients clients) {
        super(config, new ByteArraySerializer(), new ByteArraySerializer());
        this.clients = clients;
        this.arrivedForGood = config.get(ProducerConfig.TRANSACTIONAL_ID_CONFIG) == null
                && ALL.contains(String.valueOf(config.getOrDefault(ProducerConfig.ACKS_CONFIG, "all")));
    }

    @Override
    public Future<RecordMetadata> send(ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
        ArrivalListener listener = arrivedForGood ? clients.listener(record.topic()) : null;
        return super.send(record, listener == null ? callback : telling(listener, record, callback));
    }

    private static Callback telling(
            ArrivalListener listener, ProducerRecord<byte[], byte[]> record, @Nullable Callback callback) {
        return (where, failure) -> {
            if (callback != null) {
                callback.onCompletion(where, failure);
            }
            if (failure == null) {
                try {
                    listener.arrived(record, where);
                } catch (Throwable e) { // which would end the producer's thread, and with it the StreamThread
                    LOG.warn("Nobody could be told that a record has arrived at {}", where, e);
                }
            }
        };
    }

    @Override
    public void flush() {
        super.flush();
        clients.flushedBy(Thread.currentThread());
    }
}
