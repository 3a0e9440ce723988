using LlIcm.Codecs.Mlic;
using LlIcm.Quality;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Codec;
using LlIcm.Training.Data;
using LlIcm.Training.Restoration;
using LlIcm.Training.Vision;

namespace LlIcm.Training.Joint;

/// <summary>
/// Stage 2 of the paper: codec, controller and restorer follow one loss. The task's gradient reaches the codec through the SDE's
/// mean μ = x̂ and through what the vision model sees in x̂.
/// </summary>
public sealed class JointStage : ITrainingStage<TrainingBatch>
{
    private const string LogitScale = "logit_scale", Words = "degradation_text_features";

    private readonly JointRecipe _recipe;
    private readonly JointNetworks _networks;
    private readonly Func<long, BatchPart, TrainingBatch> _batches;
    private readonly IReadOnlyList<TrainingBatch> _heldOut;
    private readonly Lpips? _perceptual;
    private readonly ScalarType? _autocast;
    private readonly List<(string Name, Tensor Tensor)> _parameters = [];
    private readonly List<StageOptimizer> _optimizers = [];
    private readonly Adam? _auxiliary;

    /// <summary>A stage at its beginning.</summary>
    /// <param name="networks">The networks; what the recipe freezes is made to require no gradients, the rest to require them.</param>
    /// <param name="recipe">How to train.</param>
    /// <param name="batches">The data: a pure function, called on several threads.</param>
    /// <param name="device">Where the networks are.</param>
    /// <param name="heldOut">Batches for validation.</param>
    /// <param name="perceptual">LPIPS, if the recipe gives it a weight; stays the caller's.</param>
    /// <exception cref="TrainingException">The recipe makes no sense.</exception>
    public JointStage(
        JointNetworks networks, JointRecipe recipe, Func<long, BatchPart, TrainingBatch> batches, Device? device = null,
        IReadOnlyList<TrainingBatch>? heldOut = null, Lpips? perceptual = null)
    {
        recipe.Validate();
        if (recipe.NeedsPerceptual) _perceptual = perceptual ?? throw new TrainingException("recipe: perceptual_weight needs LPIPS");
        (_networks, _recipe, _batches, Device, _heldOut) = (networks, recipe, batches, device ?? Device.Cpu, heldOut ?? []);
        _autocast = recipe.AutocastType(Device);
        networks.Codec.RequireGrad(false);
        networks.Vision.RequireGrad(false);
        networks.Words.RequiresGrad = false;
        networks.Restorer.RequireGrad(false);
        networks.Codec.Eval();
        if (!recipe.FreezeCodec)
        {
            Tensor quantiles = networks.Codec.Prior.Quantiles;
            _parameters.AddRange(networks.Codec.NamedParameters("codec."));
            _optimizers.Add(new("codec", new Adam(
                networks.Codec.Parameters().Where(each => !ReferenceEquals(each, quantiles)), recipe.CodecLearningRate),
                recipe.CodecLearningRate));
            _auxiliary = new Adam([quantiles], recipe.AuxiliaryLearningRate);
            OwnOptimizers = [new("auxiliary", _auxiliary, recipe.AuxiliaryLearningRate)];
        }
        if (!recipe.FreezeController)
        {
            List<(string Name, Tensor Tensor)> controller =
            [
                .. networks.Vision.Controller.NamedParameters("controller."),
                (LogitScale, networks.Vision.LogitScale),
            ];
            if (!recipe.FreezeWords) controller.Add((Words, networks.Words));
            _parameters.AddRange(controller);
            _optimizers.Add(new("controller", new Adam(
                controller.Select(each => each.Tensor), recipe.ControllerLearningRate, 0.9, 0.98, 1e-6,
                recipe.ControllerWeightDecay, true), recipe.ControllerLearningRate));
        }
        if (!recipe.FreezeRestorer)
        {
            _parameters.AddRange(networks.Restorer.NamedParameters("restorer."));
            _optimizers.Add(new(
                "restorer", new Adam(networks.Restorer.Parameters(), recipe.LearningRate, 0.9, 0.99), recipe.LearningRate));
        }
        if (recipe.EmaDecay > 0) Average = new ExponentialMovingAverage(_parameters.Select(each => each.Tensor));
    }

    /// <inheritdoc/>
    public string Name => "joint";

    /// <inheritdoc/>
    public StageRecipe Recipe => _recipe;

    /// <inheritdoc/>
    public Device Device { get; }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, Tensor Tensor)> Parameters => _parameters;

    /// <inheritdoc/>
    public IReadOnlyList<StageOptimizer> Optimizers => _optimizers;

    /// <inheritdoc/>
    public IReadOnlyList<StageOptimizer> OwnOptimizers { get; } = [];

    /// <inheritdoc/>
    public ExponentialMovingAverage? Average { get; }

    /// <inheritdoc/>
    public TrainingBatch MakeBatch(long step, BatchPart part) => _batches(step, part);

    /// <inheritdoc/>
    public StageLoss Compute(TrainingBatch batch, long step, BatchPart part)
    {
        JointTerms terms = Loss(batch, step, part);
        var measures = new List<(string Name, double Value)>();
        if (Codes) measures.AddRange([("bpp", terms.BitsPerPixel.Mean().Item()), ("psnr", Psnr(terms.MeanSquaredError).Average())]);
        measures.AddRange([("task", terms.Task.Mean().Item()), ("l1_of_input", terms.Decoded.Detach().L1Loss(Clean(batch)).Item())]);
        if (_recipe.TellsCodecApart) measures.Add(("task_of_codec", terms.CodecTask.Mean().Item()));
        if (_recipe.RecognitionWeight > 0) measures.Add(("recognition", terms.Recognition.Item()));
        return new StageLoss(terms.Total, measures);
    }

    /// <inheritdoc/>
    public IReadOnlyList<(string Name, double Value)> AfterStep(long step)
    {
        if (!_recipe.FreezeController) _networks.Vision.ClampLogitScale();
        if (_auxiliary is null) return [];
        _auxiliary.ZeroGrad();
        Tensor auxiliary = _networks.Codec.Prior.AuxiliaryLoss();
        auxiliary.Backward();
        _auxiliary.Step();
        return [("auxiliary", auxiliary.Item())];
    }

    /// <inheritdoc/>
    public void LoadWeights(string path)
    {
        if (Directory.Exists(path))
        {
            StageWeights.Load(_networks.Codec, path, CodecStage.FileName);
            VisionWeights.LoadModel(_networks.Vision, _networks.Words, path);
            StageWeights.Load(_networks.Restorer, path, RestorerStage.FileName);
            return;
        }
        StageWeights.Load(_parameters, path);
    }

    /// <inheritdoc/>
    public void SaveWeights(string folder)
    {
        SaveCodec(Path.Combine(folder, CodecStage.FileName));
        LlIcmModel.SaveVision(_networks.Vision, _networks.Words, Path.Combine(folder, VisionWeights.ModelFile));
        LlIcmModel.SaveRestorer(_networks.Restorer, Path.Combine(folder, RestorerStage.FileName));
    }

    /// <summary>
    /// What one evaluation from the starting state makes of coded crops: PSNR before and after of each task, rate and distortion
    /// of the codec; the share of the restorer's units that never wake; the score is the loss itself, negated.
    /// </summary>
    public StageValidation? Validate(CancellationToken cancellation)
    {
        if (_heldOut.Count == 0) return null;
        using var noGrad = GradMode.Disable();
        var tasks = new SortedDictionary<string, List<(double Before, double After)>>(StringComparer.Ordinal);
        double loss = 0, rate = 0, distortion = 0, recognised = 0;
        for (int i = 0; i < _heldOut.Count; i++)
        {
            cancellation.ThrowIfCancellationRequested();
            using var scope = new TensorScope();
            TrainingBatch batch = _heldOut[i];
            TorchRuntime.ManualSeed((ulong)i);
            JointTerms terms = Loss(batch, i, BatchPart.Whole(batch.Count));
            loss += terms.Total.Item() / _heldOut.Count;
            rate += terms.BitsPerPixel.Mean().Item() / _heldOut.Count;
            distortion += Psnr(terms.MeanSquaredError).Average() / _heldOut.Count;
            Tensor clean = Clean(batch), mu = terms.Decoded;
            (Tensor content, Tensor degradation) = Look(mu);
            recognised += VisionInputs.Recognised(WordLogits(degradation), VisionInputs.WordsOf(batch)) / _heldOut.Count;
            Tensor restored = RestorationLoss.Clean(
                _networks.Restorer, _networks.Process, mu, _networks.Process.NoiseState(mu, mu.RandnLike()),
                [.. Enumerable.Repeat(_networks.Process.Steps, batch.Count)], Guidance(degradation), content, _autocast).Clamp(0, 1);
            double[] before = Psnr((mu - clean).Square().Mean([1, 2, 3])), after = Psnr((restored - clean).Square().Mean([1, 2, 3]));
            for (int k = 0; k < batch.Count; k++)
            {
                string task = batch.Kinds[k].Word();
                if (!tasks.TryGetValue(task, out List<(double, double)>? list)) tasks[task] = list = [];
                list.Add((before[k], after[k]));
            }
        }
        var values = new List<(string Name, double Value)> { ("loss", loss) };
        if (Codes) values.AddRange([("bpp", rate), ("psnr", distortion)]);
        values.Add(("recognised", recognised));
        foreach ((string task, List<(double Before, double After)> list) in tasks)
        {
            values.Add((task + "_psnr_before", list.Average(each => each.Before)));
            values.Add((task + "_psnr_after", list.Average(each => each.After)));
        }
        return new StageValidation(-loss, values);
    }

    /// <summary>The loss of a part with this step's draws, without a step.</summary>
    public JointTerms Loss(TrainingBatch batch, long step, BatchPart part)
    {
        Tensor degraded = Tensor.From<float>(batch.Degraded, [batch.Count, 3, batch.Height, batch.Width], Device);
        Tensor clean = Clean(batch);
        long[] words = VisionInputs.WordsOf(batch);
        var random = new Random((int)(_recipe.SeedOf(step) % int.MaxValue));
        (Tensor? quality, Tensor lambda) = DrawRates(part);

        (Tensor reconstruction, Tensor bitsPerPixel) = Code(degraded, quality, part);
        Tensor squares = (reconstruction - degraded).Square(), error = squares.Mean([1, 2, 3]);
        Tensor distortion = _recipe.DegradedDistortionWeight is { } damaged
            ? Distortion(reconstruction, squares, degraded, clean, damaged, batch.Kinds) : error * _recipe.DistortionWeight;
        Tensor decoded = ReplaceUncoded(AsFromFile(reconstruction), degraded, random, part);

        // The codec's own way back ends here; without gradients (validation) there is none.
        bool apart = _recipe.TellsCodecApart && GradMode.IsEnabled;
        Tensor coded = decoded;
        if (apart) (decoded = coded.Detach()).RequiresGrad = true;

        (Tensor content, Tensor seen) = Look(decoded);
        Tensor recognition = Recognition(seen, words);
        Tensor degradation = Tell(seen, words, random, part);
        // A codec that is trained by itself, its restorer frozen, need not wait for it.
        (Tensor task, Tensor codecTask) = _recipe is { TaskWeight: 0, FreezeRestorer: true }
            ? (Tensor.Zeros([part.Count], device: Device), Tensor.Zeros([part.Count], device: Device))
            : Task(decoded, clean, degradation, content, random, part);

        Tensor relative = lambda * (1 / 0.013);
        Tensor weight = relative.Pow(-_recipe.LambdaWeightExponent);
        Tensor Restoration(Tensor losses)
        {
            Tensor sum = (relative.Pow(_recipe.TaskLambdaExponent) * losses * _recipe.TaskWeight * weight).Mean();
            return _recipe.RecognitionWeight > 0 ? sum + recognition * _recipe.RecognitionWeight : sum;
        }
        Tensor total = ((lambda * distortion * (255 * 255) + bitsPerPixel * _recipe.RateWeight) * weight).Mean() + Restoration(task);
        if (apart && Restoration(codecTask).Gradients([decoded], keepGraph: true)[0] is { } told)
        {
            Tensor carrier = (coded * told).Sum();
            total += carrier - carrier.Detach();
        }
        return new JointTerms(total, bitsPerPixel, error, task, codecTask, recognition, decoded);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StageOptimizer each in _optimizers) each.Adam.Dispose();
        _auxiliary?.Dispose();
        Average?.Dispose();
    }

    // Each picture's loss for the restorer, and what the codec is told instead.
    private (Tensor Restorers, Tensor Codecs) Task(
        Tensor decoded, Tensor clean, Tensor degradation, Tensor content, Random random, BatchPart part)
    {
        int[] times = part.Cut(DrawTimes(part.Total, random));
        if (_recipe.RestoredCrop is { } side)
        {
            int left = random.Next(_recipe.Crop - side + 1), top = random.Next(_recipe.Crop - side + 1);
            Tensor Cut(Tensor pictures) => pictures.Narrow(2, top, side).Narrow(3, left, side);
            (decoded, clean) = (Cut(decoded), Cut(clean));
        }
        Tensor cost = Tensor.Zeros([part.Count], device: Device), distance = cost;
        Tensor task = RestorationLoss.Of(
            _networks.Restorer, _networks.Process, decoded, clean, part.RandnLike(decoded.Detach()), times, degradation, content,
            _recipe.Objective, _recipe.Squared, _autocast,
            _perceptual is null && _recipe.CoarseWeight == 0 && _recipe.RelativeCoarseWeight == 0 ? null
                : predicted => ((cost, distance) = CostOfPicture(predicted, clean, decoded.Detach())).cost);
        return _recipe is { TellsCodecApart: true, CodecPerceptualWeight: { } weight }
            ? (task, (task - cost) * _recipe.CodecDifferenceWeight + distance * weight) : (task, task);
    }

    // α of each pixel: what differs from the clean picture is to be repaired and need not be kept, or may be left out at once.
    private Tensor Distortion(
        Tensor reconstruction, Tensor squares, Tensor degraded, Tensor clean, double damaged, IReadOnlyList<Degradation> kinds)
    {
        double halfway = _recipe.DegradedDistortionScale * _recipe.DegradedDistortionScale;
        Tensor difference = (degraded - clean).Square().Mean([1], keep: true).AvgPool2d(5, 1, 2);
        Tensor sound = (difference * (-Math.Log(2) / halfway)).Exp();
        Tensor Weights(Dictionary<Degradation, double> named, double others) =>
            Tensor.From<float>([.. kinds.Select(kind => (float)named.GetValueOrDefault(kind, others))], [kinds.Count, 1, 1, 1], Device);
        Tensor kept = sound * _recipe.DistortionWeight + (1 - sound) * Weights(_recipe.DegradedDistortion, damaged);
        Tensor distortion = squares * kept;
        if (_recipe.CleanDistortion.Count > 0)
            distortion += (reconstruction - clean).Square() * (1 - sound) * Weights(_recipe.CleanDistortion, 0);
        return distortion.Mean([1, 2, 3]);
    }

    // Saving rounds in place; what is frozen is not the loop's to put back.
    private void SaveCodec(string path)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        Tensor[] parameters = [.. _networks.Codec.Parameters()], kept = [.. parameters.Select(each => each.Detach().Clone())];
        LlIcmModel.SaveCodec(_networks.Codec, path);
        if (!_recipe.FreezeCodec) return;
        for (int i = 0; i < kept.Length; i++) parameters[i].CopyInPlace(kept[i]);
    }

    // A frozen codec whose pictures nobody sees is left out.
    private bool Codes => !_recipe.FreezeCodec || _recipe.DecodedShare > 0;

    private (Tensor Reconstruction, Tensor BitsPerPixel) Code(Tensor degraded, Tensor? quality, BatchPart part)
    {
        Tensor Noise(Tensor like) => part.RandLike(like, like.Rank == 3 ? 2 : 0) - 0.5;
        (Tensor, Tensor) Forward()
        {
            MlicOutput output = _autocast is { } type
                ? _networks.Codec.ForwardMixed(degraded, quality, Noise, type) : _networks.Codec.Forward(degraded, quality, Noise);
            return (output.Reconstruction, output.Bits() * (1.0 / (degraded.Size(2) * degraded.Size(3))));
        }
        if (!_recipe.FreezeCodec) return Forward();
        if (!Codes) return (degraded, Tensor.Zeros([part.Count], device: Device));
        using var noGrad = GradMode.Disable();
        return Forward();
    }

    // What the recipe keeps from the codec goes on as it is.
    private Tensor ReplaceUncoded(Tensor decoded, Tensor degraded, Random random, BatchPart part)
    {
        if (_recipe.DecodedShare == 1) return decoded;
        Tensor pick = Tensor.From<float>(DrawShare(_recipe.DecodedShare, random, part), [part.Count, 1, 1, 1], Device);
        return decoded * pick + degraded * (1 - pick);
    }

    // The gradient passes rounding and clamping unchanged: the distortion term sees the values themselves.
    private Tensor AsFromFile(Tensor reconstruction)
    {
        if (!_recipe.RoundDecoded) return reconstruction;
        Tensor values = reconstruction.Detach();
        return reconstruction + ((values.Clamp(0, 1) * 255).Round() * (1 / 255.0) - values);
    }

    // What the predicted pictures cost beside their differences, and LPIPS by itself.
    private (Tensor Cost, Tensor Distance) CostOfPicture(Tensor predicted, Tensor clean, Tensor decoded)
    {
        Tensor distance = _perceptual is null ? Tensor.Zeros([clean.Size(0)], device: Device)
            : _perceptual.Forward(predicted * 2 - 1, clean * 2 - 1).Flatten();
        Tensor cost = distance * _recipe.PerceptualWeight;
        if (_recipe.CoarseWeight == 0 && _recipe.RelativeCoarseWeight == 0) return (cost, distance);
        Tensor means = RestorationLoss.OfMeans(predicted, clean);
        Tensor relative = means / (RestorationLoss.OfMeans(decoded, clean) + 2 / 255.0);
        return (cost + means * _recipe.CoarseWeight + relative * _recipe.RelativeCoarseWeight, distance);
    }

    private (Tensor Content, Tensor Degradation) Look(Tensor decoded)
    {
        int size = _networks.Vision.Options.ImageSize;
        if (_recipe.FeatureGradients)
            return _networks.Vision.EncodeImage(FeaturePreprocessing.Differentiable(decoded, size));
        return _networks.Vision.EncodeImage(FeaturePreprocessing.Exact(decoded, size));
    }

    private Tensor Recognition(Tensor seen, long[] words) =>
        VisionInputs.WordLoss(WordLogits(seen) * _networks.Vision.LogitScale.Exp(), words);

    private Tensor WordLogits(Tensor seen) => seen.NormalizeL2().Matmul(_networks.Words.NormalizeL2().Transpose(0, 1));

    // A share of the samples is told the task, as a user does: the word in the length that pictures' embeddings have. The
    // restorer must not bend the words to its liking, so that they take no gradient from here.
    private Tensor Tell(Tensor seen, long[] words, Random random, BatchPart part)
    {
        float[] picked = [.. DrawShare(_recipe.WordShare, random, part).Zip(words, (tell, word) => word >= 0 ? tell : 0f)];
        Tensor pick = Tensor.From<float>(picked, [words.Length, 1], Device);
        Tensor named = _networks.Restorer is TaskUNet network
            ? Tensor.From<float>(OneOf(words, network.Options.Tasks), [words.Length, network.Options.Tasks], Device)
            : _networks.Words.Detach().NormalizeL2().IndexSelect(0, VisionInputs.Rows(words, Device)) * seen.Detach().Norm(2, [1], keep: true);
        Tensor dropped = Tensor.From<float>(DrawShare(_recipe.EmbeddingDropout, random, part), [words.Length, 1], Device);
        return (named * pick + Guidance(seen) * (1 - pick)) * (1 - dropped);
    }

    // What the restorer takes: the embedding, or the words' probabilities, of which "clean" is none that this model knows.
    private Tensor Guidance(Tensor seen)
    {
        if (_networks.Restorer is not TaskUNet network) return seen;
        Tensor probabilities = (WordLogits(seen) * _networks.Vision.LogitScale.Exp()).LogSoftmax(1).Exp();
        long unknown = network.Options.Tasks - probabilities.Size(1);
        return unknown == 0 ? probabilities : Tensor.Cat(1, probabilities, Tensor.Zeros([probabilities.Size(0), unknown], device: Device));
    }

    private static float[] OneOf(long[] words, int tasks)
    {
        float[] told = new float[words.Length * tasks];
        for (int i = 0; i < words.Length; i++)
            if (words[i] >= 0) told[i * tasks + words[i]] = 1;
        return told;
    }

    // 1 for a share of the samples, else 0: a draw for each of the whole batch, whatever the part.
    private static float[] DrawShare(double share, Random random, BatchPart part) =>
        part.Cut(Enumerable.Range(0, part.Total).Select(_ => random.NextDouble() < share ? 1f : 0f).ToArray());

    private Tensor Clean(TrainingBatch batch) =>
        Tensor.From<float>(batch.Clean, [batch.Count, 3, batch.Height, batch.Width], Device);

    private (Tensor? Quality, Tensor Lambda) DrawRates(BatchPart part)
    {
        if (_networks.Codec.Gains is not { } gains) return (null, Tensor.Full([part.Count], _recipe.Lambda, device: Device));
        // Stratified: every batch sees low and high rates.
        long batch = part.Total;
        Tensor position = (Tensor.Arange(0, batch) + Tensor.Rand(batch)) * (1.0 / batch);
        Tensor quality = part.Cut(position * (gains.Levels - 1) + 1).To(Device);
        return (quality, gains.Lambda(quality));
    }

    private int[] DrawTimes(int count, Random random) =>
        [.. Enumerable.Range(0, count).Select(_ => random.NextDouble() < _recipe.StartShare
            ? _networks.Process.Steps : random.Next(1, _networks.Process.Steps + 1))];

    private static double[] Psnr(Tensor errors) =>
        [.. errors.ToArray<float>().Select(each => -10 * Math.Log10(Math.Max(each, 1e-12)))];
}
