using LlIcm.Torch;
using LlIcm.Torch.Optimizers;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>
/// Trains the compact image tower without captions: two crops of one photograph belong together, those of others do not
/// (the contrast of CLIP with a picture in the caption's place).
/// </summary>
public sealed class ContrastiveTrainer : IDisposable
{
    private readonly ClipModel _clip;
    private readonly VisionRecipe _recipe;
    private readonly Tensor _logitScale = Tensor.Scalar(MathF.Log(1 / 0.07f)).Unscoped();

    /// <summary>A trainer at step 0.</summary>
    public ContrastiveTrainer(ClipModel clip, VisionRecipe recipe)
    {
        (_clip, _recipe) = (clip, recipe);
        Optimizer = new Adam(
            clip.Visual.Parameters().Append(_logitScale), recipe.LearningRate, 0.9, 0.98, 1e-6, recipe.WeightDecay, true);
    }

    /// <summary>The optimiser.</summary>
    public Adam Optimizer { get; }

    /// <summary>Steps made.</summary>
    public long Step { get; private set; }

    /// <summary>One step.</summary>
    /// <param name="first">Preprocessed pictures [B, 3, S, S].</param>
    /// <param name="second">Other views of the same photographs, in the same order.</param>
    /// <returns>The loss and the share of pictures whose partner is the nearest.</returns>
    public (double Loss, double Accuracy) Train(Tensor first, Tensor second)
    {
        using var scope = new TensorScope();
        long batch = first.Size(0);
        Tensor both = _clip.EncodeImage(Tensor.Cat(0, first, second)).NormalizeL2();
        Tensor one = both.Narrow(0, 0, batch), other = both.Narrow(0, batch, batch);
        Tensor loss = DaClipLoss.Contrast(one, other, _logitScale.Clamp(0, Math.Log(100)).Exp()).Mean;
        Optimizer.ZeroGrad();
        loss.Backward();
        Optimizer.LearningRate = _recipe.Schedule.At(Step, _recipe.Steps);
        if (double.IsFinite(Optimizer.ClipGradNorm(_recipe.ClipNorm))) Optimizer.Step();
        Step++;
        Tensor nearest = one.Matmul(other.Transpose(0, 1)).Argmax(1);
        Tensor right = nearest.EqualTo(Tensor.Arange(0, batch, 1, ScalarType.Long));
        return (loss.Item(), right.To(ScalarType.Float).Mean().Item());
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        Optimizer.Dispose();
        _logitScale.Dispose();
    }
}
