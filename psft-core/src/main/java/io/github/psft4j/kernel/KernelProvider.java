package io.github.psft4j.kernel;

import org.nd4j.linalg.api.buffer.DataType;

/**
 * Offers a {@link KernelForm} to a process. A jar names its providers in
 * {@code META-INF/services/io.github.psft4j.kernel.KernelProvider}; they are found when the first network of a data
 * type is made.
 *
 * <p>A form may have some families only. ND4J's operations serve the others.
 */
public interface KernelProvider {

    /** The value of the property {@code psft.ops} that asks for this form, such as {@code cpu}. */
    String name();

    /**
     * Of the forms that can serve a data type, the one of highest priority is chosen. A form of negative priority is
     * used only when asked for by name. The CPU form has 100, ND4J's operations have 0.
     */
    int priority();

    /**
     * Why this form cannot serve arrays of the type in this process, null if it can. A form that can run here at all
     * serves FLOAT in F32; if it is asked for by name, ND4J's operations serve the types that it does not.
     *
     * @param precision of linear layers
     * @return the end of a sentence that starts with the name of the form, such as "needs ND4J's CPU backend"
     */
    String problem(DataType type, Precision precision);

    /**
     * The same for generation and scoring alone, where a form may serve a precision that it cannot train in. By default
     * what {@link #problem} says.
     */
    default String generationProblem(DataType type, Precision precision) {
        return problem(type, precision);
    }

    /** The form for linear layers of the given precision. Called only where one of the two is null. */
    KernelForm form(Precision precision);
}
