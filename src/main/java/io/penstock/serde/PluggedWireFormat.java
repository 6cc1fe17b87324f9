package io.penstock.serde;

import io.penstock.error.ErrorCode;
import io.penstock.error.PenstockException;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.net.http.HttpTimeoutException;
import org.apache.avro.specific.SpecificRecord;
import org.apache.kafka.common.serialization.Serde;
import org.jspecify.annotations.Nullable;

/** Someone else's Avro serde, such as Confluent's own, with its failures told in Penstock's codes. */
final class PluggedWireFormat<T extends SpecificRecord> implements WireFormat<T> {
    private final Serde<Object> serde;
    private final Class<T> type;

    PluggedWireFormat(Serde<Object> serde, Class<T> type) {
        this.serde = serde;
        this.type = type;
    }

    @Override
    public byte[] encode(String topic, T value) {
        try {
            return serde.serializer().serialize(topic, value);
        } catch (RuntimeException e) {
            throw failed(ErrorCode.RECORD_INVALID, "written", e);
        }
    }

    @Override
    public T decode(byte[] bytes) {
        try {
            Object value = serde.deserializer().deserialize("", bytes);
            if (type.isInstance(value)) {
                return type.cast(value);
            }
            throw new PenstockException(
                    ErrorCode.RECORD_UNDECODABLE,
                    "The value is "
                            + (value == null ? "empty" : value.getClass().getName()) + "; expected "
                            + type.getSimpleName() + ".");
        } catch (PenstockException e) {
            throw e;
        } catch (RuntimeException | StackOverflowError e) {
            throw failed(ErrorCode.RECORD_UNDECODABLE, "read", e);
        }
    }

    private PenstockException failed(ErrorCode code, String verb, Throwable cause) {
        if (cause instanceof PenstockException known) {
            return known;
        }
        return new PenstockException(
                isUnreachable(cause) ? ErrorCode.NOT_READY : code,
                "The value cannot be " + verb + " as " + type.getSimpleName() + ": " + cause.getMessage() + ".",
                cause);
    }

    /** The registry could not be asked, which is no fault of the record. */
    private static boolean isUnreachable(Throwable failure) {
        for (@Nullable Throwable at = failure; at != null; at = at.getCause()) {
            if (at instanceof SocketException
                    || at instanceof SocketTimeoutException
                    || at instanceof UnknownHostException
                    || at instanceof HttpTimeoutException) {
                return true;
            }
        }
        return false;
    }
}
