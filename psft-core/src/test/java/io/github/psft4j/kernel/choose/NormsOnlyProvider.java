package io.github.psft4j.kernel.choose;

import io.github.psft4j.kernel.KernelForm;
import io.github.psft4j.kernel.KernelProvider;
import io.github.psft4j.kernel.Norms;
import io.github.psft4j.kernel.Precision;
import io.github.psft4j.kernel.nd4j.Nd4jForm;
import java.lang.reflect.Proxy;
import java.util.concurrent.atomic.AtomicInteger;
import org.nd4j.linalg.api.buffer.DataType;

/** A form such as another jar may bring: it has the norms only, for FLOAT, and is used where asked for by name. */
public final class NormsOnlyProvider implements KernelProvider {

    static final String NAME = "norms-only";
    static final AtomicInteger CALLS = new AtomicInteger();

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public int priority() {
        return -1;
    }

    @Override
    public String problem(DataType type, Precision precision) {
        return type == DataType.FLOAT && precision == Precision.F32 ? null : "computes in FLOAT and F32 only";
    }

    @Override
    public KernelForm form(Precision precision) {
        return new KernelForm() {
            @Override
            public String name() {
                return NAME;
            }

            @Override
            public Norms norms() {
                Norms whole = new Nd4jForm().norms();
                return (Norms) Proxy.newProxyInstance(
                        Norms.class.getClassLoader(), new Class<?>[] {Norms.class}, (proxy, method, args) -> {
                            CALLS.incrementAndGet();
                            return method.invoke(whole, args);
                        });
            }
        };
    }
}
