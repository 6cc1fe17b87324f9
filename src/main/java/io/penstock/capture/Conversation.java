package io.penstock.capture;

import io.penstock.error.ErrorCode;
import io.penstock.stage.CallException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Optional;
import java.util.function.UnaryOperator;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLPeerUnverifiedException;
import org.apache.hc.client5.http.ClientProtocolException;
import org.apache.hc.core5.http.MessageConstraintException;

/**
 * The requests of one capture. Each passes the guard and the gate of its server, keeps the pace of its processor, and is bounded in
 * size and time; redirects are followed by hand, so that this holds for each of them.
 *
 * <p><b>Threading.</b> Used by the thread of one capture, which may be interrupted.
 */
final class Conversation {
    private final String processor;
    private final Outbound outbound;
    private final EntryTime time;

    Conversation(String processor, Outbound outbound, EntryTime time) {
        this.processor = processor;
        this.outbound = outbound;
        this.time = time;
    }

    /**
     * Sends a request and follows where it leads. Any status is an answer.
     *
     * @param asSent what becomes of the request, and of each that it leads to, at the moment at which it is sent: for headers that
     *     depend on the address
     * @param longest longest time that servers may take, over all redirects; at most that of one request
     * @throws CallException when there is none, or none that may be had
     */
    HttpReply send(HttpRequests.Outgoing first, UnaryOperator<HttpRequests.Outgoing> asSent, Duration longest)
            throws CallException, InterruptedException {
        HttpRequests.Outgoing outgoing = first;
        long leftNanos =
                Math.min(longest.toNanos(), outbound.settings().requestTimeout().toNanos());
        for (int redirects = 0; redirects <= outbound.settings().maxRedirects(); redirects++) {
            check(outgoing.uri());
            keepPace();
            try (HostGate.Visit visit = outbound.hosts().of(outgoing.uri()).enter(processor)) {
                long begin = System.nanoTime();
                HttpReply reply = exchange(asSent.apply(outgoing), visit, leftNanos);
                leftNanos -= System.nanoTime() - begin;
                Optional<URI> target = Redirects.target(outgoing.uri(), reply);
                if (target.isEmpty()) {
                    return reply;
                }
                outgoing = Redirects.followed(outgoing, target.get(), reply.statusCode());
            }
        }
        throw CallException.permanent(
                ErrorCode.CAPTURE_STATUS.code(),
                "More than " + outbound.settings().maxRedirects() + " redirects; the last led to "
                        + Uris.shown(outgoing.uri()) + ".");
    }

    private void check(URI uri) throws CallException {
        try {
            outbound.guard().check(uri);
        } catch (CallException e) {
            outbound.counters().countRefused();
            throw e;
        }
    }

    private void keepPace() throws CallException, InterruptedException {
        if (!time.isFirstRequest()) {
            Duration wait = outbound.pace().furtherRequest(processor);
            time.pace(wait);
            if (wait.isPositive()) {
                Thread.sleep(wait);
            }
        }
        time.countRequest();
    }

    private HttpReply exchange(HttpRequests.Outgoing outgoing, HostGate.Visit visit, long leftNanos)
            throws CallException, InterruptedException {
        outbound.counters().countRequest();
        try {
            HttpReply reply = outbound.exchanges().send(outgoing, leftNanos);
            outbound.received().countResponse(reply.statusCode(), reply.receivedBytes());
            visit.answered(reply.statusCode());
            if (reply.statusCode() == 429 || reply.statusCode() == 503) {
                RetryAfter.of(reply, outbound.now()).ifPresent(visit::hold);
            }
            return reply;
        } catch (IOException e) {
            if (e instanceof SocketTimeoutException && time.isOver()) {
                throw time.tooSlow();
            }
            CallException failure = failure(Uris.shown(outgoing.uri()), e);
            if (failure.code().equals(ErrorCode.CAPTURE_UNREACHABLE.code())
                    || failure.code().equals(ErrorCode.CAPTURE_TIMEOUT.code())) {
                visit.failed(failure);
            }
            throw failure;
        }
    }

    private CallException failure(String shown, IOException failure) {
        return switch (failure) {
            case JudgedAddresses.RefusedException refused -> {
                if (refused.verdict().isPermanent()) {
                    outbound.counters().countRefused();
                }
                yield refused.verdict();
            }
            case BoundedBody.TooLargeException _ ->
                Failures.tooLarge("The content of " + shown, outbound.settings().maxContentBytes());
            case Decompression.UnknownCodingException coding ->
                unreadable(shown + " sent content " + coding.getMessage() + ".", coding);
            case MessageConstraintException tooMuch ->
                unreadable(shown + " sent too much before its content: " + tooMuch.getMessage() + ".", tooMuch);
            case SocketTimeoutException timeout -> // among them the one for connections
                CallException.retryable(
                        ErrorCode.CAPTURE_TIMEOUT.code(),
                        shown + " did not answer in full within "
                                + outbound.settings().requestTimeout() + " ("
                                + outbound.settings().connectTimeout() + " to connect).",
                        timeout);
            case SSLException tls
            when isAboutTheCertificate(tls) ->
                CallException.permanent(
                        ErrorCode.CAPTURE_CERTIFICATE.code(),
                        shown + " has no certificate that is trusted: " + tls.getMessage() + ".",
                        tls);
            case ClientProtocolException garbled -> broken(shown, garbled);
            case Decompression.BrokenCodingException coding -> broken(shown, coding);
            default ->
                CallException.retryable(
                        ErrorCode.CAPTURE_UNREACHABLE.code(), shown + " cannot be reached: " + failure + ".", failure);
        };
    }

    private static CallException unreadable(String message, IOException cause) {
        return CallException.permanent(ErrorCode.CAPTURE_UNREADABLE.code(), message, cause);
    }

    /** Another time it may come whole. */
    private static CallException broken(String shown, IOException cause) {
        return CallException.retryable(
                ErrorCode.CAPTURE_UNREADABLE.code(),
                shown + " sent a broken answer: " + cause.getMessage() + ".",
                cause);
    }

    private static boolean isAboutTheCertificate(SSLException failure) {
        for (Throwable t = failure; t != null; t = t.getCause()) {
            if (t instanceof CertificateException || t instanceof SSLPeerUnverifiedException) {
                return true;
            }
        }
        return false;
    }
}
