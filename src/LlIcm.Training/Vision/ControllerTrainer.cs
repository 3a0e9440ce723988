using LlIcm.Torch;
using LlIcm.Torch.Optimizers;
using LlIcm.Vision;

namespace LlIcm.Training.Vision;

/// <summary>
/// DA-CLIP's controller training with the frozen tower's embedding of the clean picture in the caption's place: the controlled
/// content embedding of a degraded picture is drawn to it, the degradation embedding to its word.
/// </summary>
public sealed class ControllerTrainer : IDisposable
{
    private readonly DaClipModel _model;
    private readonly Tensor _words;
    private readonly VisionRecipe _recipe;

    /// <summary>A trainer at step 0; the CLIP tower is frozen.</summary>
    /// <param name="model">Tower and controller.</param>
    /// <param name="words">Embeddings of the degradation words [10, E], trained along.</param>
    /// <param name="recipe">How to train.</param>
    public ControllerTrainer(DaClipModel model, Tensor words, VisionRecipe recipe)
    {
        (_model, _words, _recipe) = (model, words, recipe);
        model.RequireGrad(false);
        Optimizer = new Adam(
            model.Controller.Parameters().Append(model.LogitScale).Append(words),
            recipe.LearningRate, 0.9, 0.98, 1e-6, recipe.WeightDecay, true);
    }

    /// <summary>The optimiser.</summary>
    public Adam Optimizer { get; }

    /// <summary>Steps made.</summary>
    public long Step { get; private set; }

    /// <summary>One step.</summary>
    /// <param name="degraded">Preprocessed pictures [B, 3, S, S].</param>
    /// <param name="clean">The same pictures before degradation.</param>
    /// <param name="words">The word of each degradation: [B], indices into the table.</param>
    /// <returns>Losses, the share of degradations recognised and of contents matched.</returns>
    public ControllerLoss Train(Tensor degraded, Tensor clean, Tensor words)
    {
        using var scope = new TensorScope();
        Tensor scale = _model.LogitScale.Exp();
        // The content side costs three passes through a tower, the words one: they are told apart more often.
        bool contrast = Step % _recipe.ContentEvery == 0;
        Tensor degradation;
        Tensor? content = null, target = null;
        if (contrast)
        {
            using (GradMode.Disable()) target = _model.Clip.EncodeImage(clean).NormalizeL2();
            (content, degradation) = _model.EncodeImage(degraded);
            content = content.NormalizeL2();
        }
        else degradation = _model.Controller.ForwardPatches(_model.Clip.Visual.Patchify(degraded)).Degradation;
        Tensor logits = degradation.NormalizeL2().Matmul(_words.NormalizeL2().Transpose(0, 1));
        Tensor degradationLoss = (logits * scale).CrossEntropy(words), loss = degradationLoss;
        Tensor? contentLoss = contrast ? DaClipLoss.Contrast(content!, target!, scale).Mean : null;
        if (contentLoss is not null) loss += contentLoss;
        Optimizer.ZeroGrad();
        loss.Backward();
        Optimizer.LearningRate = _recipe.Schedule.At(Step, _recipe.Steps);
        if (double.IsFinite(Optimizer.ClipGradNorm(_recipe.ClipNorm)))
        {
            Optimizer.Step();
            _model.ClampLogitScale();
        }
        Step++;
        Tensor? matched = content?.Matmul(target!.Transpose(0, 1)).Argmax(1)
            .EqualTo(Tensor.Arange(0, degraded.Size(0), 1, ScalarType.Long));
        return new ControllerLoss(
            contentLoss?.Item(), degradationLoss.Item(),
            logits.Argmax(1).EqualTo(words).To(ScalarType.Float).Mean().Item(),
            matched?.To(ScalarType.Float).Mean().Item());
    }

    /// <inheritdoc/>
    public void Dispose() => Optimizer.Dispose();
}
