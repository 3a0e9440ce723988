using LlIcm.Codecs.Mlic;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;

namespace LlIcm.Training.Joint;

/// <summary>
/// Stage 2 of the paper: codec, controller and restorer follow one loss. The task's gradient reaches the codec through the SDE's
/// mean μ = x̂ and through what the vision model sees in x̂.
/// </summary>
public sealed class JointTrainer : IDisposable
{
    private readonly JointRecipe _recipe;
    private readonly JointNetworks _networks;
    private readonly List<Part> _parts = [];
    private readonly Adam? _auxiliary;

    /// <summary>A trainer at step 0.</summary>
    /// <param name="networks">The networks; what the recipe freezes is made to require no gradients, the rest to require them.</param>
    /// <param name="recipe">How to train.</param>
    /// <exception cref="TrainingException">The recipe makes no sense.</exception>
    public JointTrainer(JointNetworks networks, JointRecipe recipe)
    {
        recipe.Validate();
        (_networks, _recipe) = (networks, recipe);
        networks.Codec.RequireGrad(false);
        networks.Vision.RequireGrad(false);
        networks.Words.RequiresGrad = false;
        networks.Restorer.RequireGrad(false);
        networks.Codec.Train(!recipe.FreezeCodec);
        if (!recipe.FreezeCodec)
        {
            Tensor quantiles = networks.Codec.Prior.Quantiles;
            _auxiliary = new Adam([quantiles], recipe.AuxiliaryLearningRate);
            (string, Tensor)[] named = Named("codec", networks.Codec.NamedParameters());
            Add(named, recipe.CodecLearningRate,
                tensors => new Adam(tensors.Where(each => !ReferenceEquals(each, quantiles)), recipe.CodecLearningRate));
        }
        if (!recipe.FreezeController)
        {
            (string, Tensor)[] named =
            [
                .. Named("controller", networks.Vision.Controller.NamedParameters()),
                ("logit_scale", networks.Vision.LogitScale), ("words", networks.Words),
            ];
            Add(named, recipe.ControllerLearningRate, tensors => new Adam(
                tensors, recipe.ControllerLearningRate, 0.9, 0.98, 1e-6, recipe.ControllerWeightDecay, true));
        }
        if (!recipe.FreezeRestorer)
            Add(Named("restorer", networks.Restorer.NamedParameters()), recipe.RestorerLearningRate,
                tensors => new Adam(tensors, recipe.RestorerLearningRate, 0.9, 0.99));
    }

    /// <summary>Steps made.</summary>
    public long Step { get; private set; }

    /// <summary>One step.</summary>
    /// <param name="degraded">x, [B, 3, H, W] in [0, 1].</param>
    /// <param name="clean">The targets.</param>
    /// <param name="words">The degradation of each as a row of <see cref="JointNetworks.Words"/>; −1 where no word fits.</param>
    /// <returns>The loss and its parts.</returns>
    public JointLoss Train(Tensor degraded, Tensor clean, IReadOnlyList<long> words)
    {
        using var scope = new TensorScope();
        JointTerms terms = Loss(degraded, clean, words);
        foreach (Part part in _parts) part.Optimizer.ZeroGrad();
        _auxiliary?.ZeroGrad();
        terms.Total.Backward();

        double norm = 0;
        foreach (Part part in _parts)
        {
            part.Optimizer.LearningRate = part.Schedule.At(Step, _recipe.Steps);
            double own = part.Optimizer.ClipGradNorm(_recipe.ClipNorm);
            // Also passes NaN on, which Math.Max does as well.
            norm = Math.Max(norm, own);
        }
        bool usable = double.IsFinite(norm);
        if (usable)
        {
            // All or none: a part that steps alone would answer to networks that no longer exist.
            foreach (Part part in _parts) part.Optimizer.Step();
            if (!_recipe.FreezeController) _networks.Vision.ClampLogitScale();
        }
        if (_auxiliary is not null)
        {
            _auxiliary.ZeroGrad();
            _networks.Codec.Prior.AuxiliaryLoss().Backward();
            _auxiliary.Step();
        }
        Step++;
        if (usable)
            foreach (Part part in _parts) part.Average.Update(Math.Min(_recipe.EmaDecay, (1.0 + Step) / (10.0 + Step)));
        return new JointLoss(
            terms.Total.Item(), terms.BitsPerPixel.Mean().Item(), terms.MeanSquaredError.Mean().Item(),
            terms.Task.Mean().Item(), terms.Decoded.Detach().L1Loss(clean).Item(), terms.Recognition?.Item(), norm);
    }

    /// <summary>The loss of this step's draws, without a step: for training and for looking at gradients.</summary>
    /// <inheritdoc cref="Train"/>
    public JointTerms Loss(Tensor degraded, Tensor clean, IReadOnlyList<long> words)
    {
        // Everything random in a step follows from its number: a resumed run repeats the same draws.
        ulong seed = unchecked(_recipe.Seed * 0x9E3779B97F4A7C15 + (ulong)Step);
        TorchRuntime.ManualSeed(seed);
        var random = new Random((int)(seed % int.MaxValue));
        int batch = (int)degraded.Size(0);
        (Tensor? quality, Tensor lambda) = DrawRates(batch, degraded.Device);

        MlicOutput output = Code(degraded, quality);
        Tensor error = (output.Reconstruction - degraded).Square().Mean([1, 2, 3]);
        Tensor bitsPerPixel = output.Bits() * (1.0 / (degraded.Size(2) * degraded.Size(3)));
        Tensor decoded = AsFromFile(output.Reconstruction);

        (Tensor content, Tensor seen) = Look(decoded);
        Tensor? recognition = Recognition(seen, words);
        Tensor degradation = Tell(seen, words, random);
        Tensor task = RestorationLoss.Of(
            _networks.Restorer, _networks.Process, decoded, clean, decoded.Detach().RandnLike(), DrawTimes(batch, random),
            degradation, content, _recipe.Objective, _recipe.Squared, _recipe.MixedPrecision ? ScalarType.BFloat16 : null);

        Tensor relative = lambda * (1 / 0.013);
        Tensor each = lambda * (_recipe.Alpha * 255 * 255) * error + bitsPerPixel * _recipe.Beta
            + relative.Pow(_recipe.TaskLambdaExponent) * task * _recipe.Gamma;
        Tensor total = (each * relative.Pow(-_recipe.LambdaWeightExponent)).Mean();
        if (recognition is not null) total += recognition * _recipe.RecognitionWeight;
        return new JointTerms(total, bitsPerPixel, error, task, recognition, decoded);
    }

    /// <summary>Exchanges the averaged weights and those in training; call it again to go back.</summary>
    public void SwapAverages()
    {
        foreach (Part part in _parts) part.Average.Swap();
    }

    /// <summary>Everything a resumed run needs, by name.</summary>
    public IEnumerable<(string Name, Tensor Tensor)> State()
    {
        foreach (Part part in _parts)
        {
            for (int i = 0; i < part.Named.Count; i++)
            {
                yield return ("model." + part.Named[i].Name, part.Named[i].Tensor);
                yield return ("ema." + part.Named[i].Name, part.Average.Averages[i]);
            }
        }
        var optimizers = _parts.Select(part => (part.Named[0].Name.Split('.')[0], part.Optimizer)).ToList();
        if (_auxiliary is not null) optimizers.Add(("auxiliary", _auxiliary));
        foreach ((string name, Adam adam) in optimizers)
            for (int i = 0; i < adam.Moments.Count; i++)
            {
                yield return ($"adam.{name}.{i}.first", adam.Moments[i].First);
                yield return ($"adam.{name}.{i}.second", adam.Moments[i].Second);
            }
    }

    /// <summary>Continues after <paramref name="step"/> steps, once <see cref="State"/> was filled from a checkpoint.</summary>
    public void ResumeAt(long step)
    {
        Step = step;
        foreach (Part part in _parts) part.Optimizer.Steps = step;
        if (_auxiliary is not null) _auxiliary.Steps = step;
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        _auxiliary?.Dispose();
        foreach (Part part in _parts)
        {
            part.Optimizer.Dispose();
            part.Average.Dispose();
        }
    }

    private MlicOutput Code(Tensor degraded, Tensor? quality)
    {
        if (!_recipe.FreezeCodec) return Forward(degraded, quality);
        using var noGrad = GradMode.Disable();
        return Forward(degraded, quality);
    }

    private MlicOutput Forward(Tensor degraded, Tensor? quality) => _recipe.MixedPrecision
        ? _networks.Codec.ForwardMixed(degraded, quality) : _networks.Codec.Forward(degraded, quality);

    // The gradient passes rounding and clamping unchanged: the distortion term sees the values themselves.
    private Tensor AsFromFile(Tensor reconstruction)
    {
        if (!_recipe.RoundDecoded) return reconstruction;
        Tensor values = reconstruction.Detach();
        return reconstruction + ((values.Clamp(0, 1) * 255).Round() * (1 / 255.0) - values);
    }

    private (Tensor Content, Tensor Degradation) Look(Tensor decoded)
    {
        int size = _networks.Vision.Options.ImageSize;
        if (_recipe.FeatureGradients)
            return _networks.Vision.EncodeImage(FeaturePreprocessing.Differentiable(decoded, size));
        return _networks.Vision.EncodeImage(FeaturePreprocessing.Exact(decoded, size));
    }

    private Tensor? Recognition(Tensor seen, IReadOnlyList<long> words)
    {
        if (_recipe.RecognitionWeight == 0) return null;
        int known = words.Count(word => word >= 0);
        if (known == 0) return null;
        Tensor logits = seen.NormalizeL2().Matmul(_networks.Words.NormalizeL2().Transpose(0, 1))
            * _networks.Vision.LogitScale.Exp();
        Tensor picked = logits.LogSoftmax(1).Gather(1, Rows(words, seen.Device).Unsqueeze(1)).Squeeze(1);
        Tensor counts = Tensor.From<float>(
            words.Select(word => word < 0 ? 0f : -1f / known).ToArray(), [words.Count], seen.Device);
        return (picked * counts).Sum();
    }

    // A share of the samples is told the task, as a user does: the word in the length that pictures' embeddings have. The
    // restorer must not bend the words to its liking, so that they take no gradient from here.
    private Tensor Tell(Tensor seen, IReadOnlyList<long> words, Random random)
    {
        float[] told = [.. words.Select(word => random.NextDouble() < _recipe.WordShare && word >= 0 ? 1f : 0f)];
        Tensor pick = Tensor.From<float>(told, [words.Count, 1], seen.Device);
        Tensor named = _networks.Words.Detach().NormalizeL2().IndexSelect(0, Rows(words, seen.Device))
            * seen.Detach().Norm(2, [1], keep: true);
        return named * pick + seen * (1 - pick);
    }

    private static Tensor Rows(IReadOnlyList<long> words, Device device) =>
        Tensor.From<long>(words.Select(word => Math.Max(word, 0)).ToArray(), [words.Count], device);

    private (Tensor? Quality, Tensor Lambda) DrawRates(long batch, Device device)
    {
        if (_networks.Codec.Gains is not { } gains) return (null, Tensor.Full([batch], _recipe.Lambda, device: device));
        // Stratified: every batch sees low and high rates.
        Tensor position = (Tensor.Arange(0, batch) + Tensor.Rand(batch)) * (1.0 / batch);
        Tensor quality = (position * (gains.Levels - 1) + 1).To(device);
        return (quality, gains.Lambda(quality));
    }

    private int[] DrawTimes(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < _recipe.StartShare
            ? _networks.Process.Steps : random.Next(1, _networks.Process.Steps + 1))];

    private static (string, Tensor)[] Named(string part, IEnumerable<(string Name, Tensor Tensor)> parameters) =>
        [.. parameters.Select(each => ($"{part}.{each.Name}", each.Tensor))];

    private void Add((string Name, Tensor Tensor)[] named, double peak, Func<IEnumerable<Tensor>, Adam> optimizer)
    {
        Tensor[] tensors = [.. named.Select(each => each.Tensor)];
        _parts.Add(new Part(
            named, optimizer(tensors), new ExponentialMovingAverage(tensors),
            new LearningRateSchedule(peak, _recipe.FinalLearningRate, _recipe.WarmUp, _recipe.DecayShare)));
    }

    private sealed record Part(
        IReadOnlyList<(string Name, Tensor Tensor)> Named, Adam Optimizer, ExponentialMovingAverage Average,
        LearningRateSchedule Schedule);
}
