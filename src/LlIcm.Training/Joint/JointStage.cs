using LlIcm.Quality;
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
    private readonly JointLoss _loss;
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
        if (recipe.NeedsPerceptual && perceptual is null) throw new TrainingException("recipe: perceptual_weight needs LPIPS");
        (_networks, _recipe, _batches, Device, _heldOut) = (networks, recipe, batches, device ?? Device.Cpu, heldOut ?? []);
        _autocast = recipe.AutocastType(Device);
        _loss = new JointLoss(networks, recipe, Device, recipe.NeedsPerceptual ? perceptual : null);
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
        if (_loss.Codes) measures.AddRange([("bpp", terms.BitsPerPixel.Mean().Item()), ("psnr", Psnr(terms.MeanSquaredError).Average())]);
        measures.AddRange([("task", terms.Task.Mean().Item()), ("l1_of_input", terms.Decoded.Detach().L1Loss(_loss.Clean(batch)).Item())]);
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
            Tensor clean = _loss.Clean(batch), mu = terms.Decoded;
            (Tensor content, Tensor degradation) = _loss.Guidance.Look(mu);
            recognised += VisionInputs.Recognised(_loss.Guidance.WordLogits(degradation), VisionInputs.WordsOf(batch)) / _heldOut.Count;
            Tensor restored = RestorationLoss.Clean(
                _networks.Restorer, _networks.Process, mu, _networks.Process.NoiseState(mu, mu.RandnLike()),
                [.. Enumerable.Repeat(_networks.Process.Steps, batch.Count)], _loss.Guidance.Of(degradation), content, _autocast).Clamp(0, 1);
            double[] before = Psnr((mu - clean).Square().Mean([1, 2, 3])), after = Psnr((restored - clean).Square().Mean([1, 2, 3]));
            for (int k = 0; k < batch.Count; k++)
            {
                string task = batch.Kinds[k].Word();
                if (!tasks.TryGetValue(task, out List<(double, double)>? list)) tasks[task] = list = [];
                list.Add((before[k], after[k]));
            }
        }
        var values = new List<(string Name, double Value)> { ("loss", loss) };
        if (_loss.Codes) values.AddRange([("bpp", rate), ("psnr", distortion)]);
        values.Add(("recognised", recognised));
        foreach ((string task, List<(double Before, double After)> list) in tasks)
        {
            values.Add((task + "_psnr_before", list.Average(each => each.Before)));
            values.Add((task + "_psnr_after", list.Average(each => each.After)));
        }
        return new StageValidation(-loss, values);
    }

    /// <summary>The loss of a part with this step's draws, without a step.</summary>
    public JointTerms Loss(TrainingBatch batch, long step, BatchPart part) => _loss.Of(batch, step, part);

    /// <inheritdoc/>
    public void Dispose()
    {
        foreach (StageOptimizer each in _optimizers) each.Adam.Dispose();
        _auxiliary?.Dispose();
        Average?.Dispose();
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

    private static double[] Psnr(Tensor errors) =>
        [.. errors.ToArray<float>().Select(each => -10 * Math.Log10(Math.Max(each, 1e-12)))];
}
