using LlIcm.Tensors;

namespace LlIcm.Torch.Optimizers;

/// <summary>The gradients of several tensors as one vector.</summary>
public static class Gradients
{
    private static readonly Operator s_mul = new("_foreach_mul_", "Scalar"), s_norm = new("_foreach_norm", "Scalar");

    /// <summary>Multiplies all gradients.</summary>
    public static void Scale(IEnumerable<Tensor> parameters, double factor)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor[] gradients = Of(parameters);
        if (gradients.Length > 0) s_mul.Run(gradients, factor);
    }

    /// <summary>Scales the gradients so that their joint 2-norm is at most <paramref name="maximum"/>; 0: only measures.</summary>
    /// <returns>The norm before; not finite where a gradient is not.</returns>
    public static double ClipNorm(IEnumerable<Tensor> parameters, double maximum)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor[] gradients = Of(parameters);
        if (gradients.Length == 0) return 0;
        double norm = Tensor.Stack(0, s_norm.CallMany(gradients, 2.0)).Norm(2, [0]).Item();
        // PyTorch's formula; NaN falls through for the caller to see.
        if (maximum > 0 && norm + 1e-6 > maximum) s_mul.Run(gradients, maximum / (norm + 1e-6));
        return norm;
    }

    private static Tensor[] Of(IEnumerable<Tensor> parameters) =>
        [.. parameters.Select(each => each.Grad).OfType<Tensor>()];
}
