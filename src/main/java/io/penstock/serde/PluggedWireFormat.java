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
    private static final int UNAUTHORIZED = 401;
    private static final int FORBIDDEN = 403;
    private static final int TOO_MANY = 429;
    private static final int SERVER_ERROR = 500;

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
    public boolean knowsWhatItEncoded() {
        return false;
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
                    || at instanceof HttpTimeoutException
                    || isRefusal(at)) {
                return true;
            }
        }
        return false;
    }

    /** Whether Confluent's client was told that the registry is in trouble, or does not know who asks. */
    private static boolean isRefusal(Throwable failure) {
        if (!failure.getClass().getSimpleName().equals("RestClientException")) {
            return false;
        }
        try {
            // Its class is on the class path only where a user put it there.
            Object status = failure.getClass().getMethod("getStatus").invoke(failure);
            return status instanceof Integer code
                    && (code >= SERVER_ERROR || code == UNAUTHORIZED || code == FORBIDDEN || code == TOO_MANY);
        } catch (ReflectiveOperationException e) {
            return false; // another class of that name
        }
    }
}
