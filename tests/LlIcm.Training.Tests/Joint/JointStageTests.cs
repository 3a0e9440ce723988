using LlIcm.Quality;
using LlIcm.Restoration;
using LlIcm.Restoration.Networks;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.Torch;
using LlIcm.Torch.Optimizers;
using LlIcm.Training.Data;
using LlIcm.Training.Degradations;
using LlIcm.Training.Joint;

namespace LlIcm.Training.Tests.Joint;

public class JointStageTests
{
    private static readonly JointRecipe s_recipe = new()
    {
        Steps = 60,
        BatchSize = 2,
        Crop = 64,
        Precision = ComputePrecision.Fp32,
        WarmUp = 0,
        DecayShare = 0,
        EmaDecay = 0.99,
        CodecLearningRate = 1e-3,
        ControllerLearningRate = 1e-3,
        LearningRate = 2e-3,
        Seed = 7,
    };

    private static readonly Degradation[] s_kinds = [Degradation.Hazy, Degradation.Rainy];

    [Theory]
    [InlineData(PredictionTarget.Clean, RestorationObjective.Prediction)]
    [InlineData(PredictionTarget.Clean, RestorationObjective.Matching)]
    [InlineData(PredictionTarget.Noise, RestorationObjective.Matching)]
    [InlineData(PredictionTarget.Noise, RestorationObjective.Prediction)]
    public void TheTasksGradientReachesTheCodecThroughTheMeanOfTheSde(
        PredictionTarget target, RestorationObjective objective)
    {
        using var tiny = new TinyNetworks(target);
        double all = GradientOfTheCodec(tiny, s_recipe with { Objective = objective, FeatureGradients = true });
        double throughMean = GradientOfTheCodec(tiny, s_recipe with { Objective = objective, FeatureGradients = false });
        Assert.True(throughMean > 1e-9, $"the gradient's norm is {throughMean}");
        // The embeddings are another way to the codec.
        Assert.NotEqual(throughMean, all, throughMean * 1e-6);
    }

    [Fact]
    public void ARestorerThatTakesWordsGetsTheirProbabilities()
    {
        using var tiny = new TinyNetworks();
        TorchRuntime.ManualSeed(2);
        using var restorer = new TaskUNet(new TaskUNetOptions { Widths = [8, 12], Blocks = [1], Dilations = [1] });
        using var scope = new TensorScope();
        // Fresh ones give their input back, whatever they are told.
        foreach (Tensor parameter in restorer.Parameters()) parameter.UniformInPlace(-0.1, 0.1);
        using var stage = new JointStage(tiny.Networks with { Restorer = restorer }, s_recipe with { WordShare = 0.5 }, Batches);
        TorchRuntime.ManualSeed(1);
        stage.Loss(Pictures(0), 0, BatchPart.Whole(2)).Total.Backward();
        float[] told = restorer.NamedParameters().First(each => each.Name == "middle_task").Tensor.Grad!.ToArray<float>();
        // Eleven words of twelve channels; pictures are hazy and rainy, and none is what this DA-CLIP has no word for.
        Assert.All(told[..(10 * 12)].Chunk(12), row => Assert.Contains(row, value => value != 0));
        Assert.All(told[(10 * 12)..], value => Assert.Equal(0, value));
    }

    [Fact]
    public void RecognitionReachesTheCodecOnlyThroughTheEmbeddings()
    {
        using var tiny = new TinyNetworks();
        JointRecipe recipe = s_recipe with { RecognitionWeight = 1, TaskWeight = 0 };
        Assert.True(GradientOfTheCodec(tiny, recipe with { FeatureGradients = true }) > 0);
        Assert.Equal(0, GradientOfTheCodec(tiny, recipe with { FeatureGradients = false }));
    }

    [Theory]
    [InlineData("codec")]
    [InlineData("controller")]
    [InlineData("restorer")]
    public void AFrozenPartStaysAsItWasAndTheOthersMove(string frozen)
    {
        using var tiny = new TinyNetworks();
        JointRecipe recipe = s_recipe with
        {
            FreezeCodec = frozen == "codec",
            FreezeController = frozen == "controller",
            FreezeRestorer = frozen == "restorer",
        };
        var before = Parts.ToDictionary(part => part, tiny.Snapshot);
        using (JointStage stage = Stage(tiny, recipe)) Run(stage, recipe, 2);
        foreach (string part in Parts)
        {
            bool same = before[part].Zip(tiny.Snapshot(part)).All(pair => pair.First.AsSpan().SequenceEqual(pair.Second));
            Assert.True(same == (part == frozen || part == "clip"), $"{part} {(same ? "stayed" : "moved")}");
        }
    }

    [Fact]
    public void TheLossFalls()
    {
        using var tiny = new TinyNetworks();
        using JointStage stage = Stage(tiny, s_recipe);
        List<RunProgress> steps = Run(stage, s_recipe, 50);
        foreach (string value in (string[])["loss", "task", "recognition"])
        {
            double[] losses = [.. steps.Select(step => step.Values.Single(each => each.Name == value).Value)];
            Assert.True(losses[^8..].Average() < losses[..8].Average() * 0.9, $"{value}: {losses[..8].Average()} to {losses[^8..].Average()}");
        }
    }

    [Fact]
    public void PartsOfABatchAddUpToTheWhole()
    {
        using var tiny = new TinyNetworks();
        using JointStage stage = Stage(tiny, s_recipe);
        using var scope = new TensorScope();
        double Loss(BatchPart part)
        {
            TorchRuntime.ManualSeed(3);
            return stage.Compute(stage.MakeBatch(0, part), 0, part).Total.Item() * part.Share;
        }
        double whole = Loss(BatchPart.Whole(2));
        Assert.Equal(whole, Loss(BatchPart.Of(2, 2, 0)) + Loss(BatchPart.Of(2, 2, 1)), Math.Abs(whole) * 1e-5);
    }

    [Fact]
    public void APictureWithoutWordTakesPartWithoutRecognition()
    {
        using var tiny = new TinyNetworks();
        using JointStage stage = Stage(tiny, s_recipe);
        using var scope = new TensorScope();
        JointTerms terms = stage.Loss(Pictures(0, Degradation.Clean, Degradation.Clean), 0, BatchPart.Whole(2));
        Assert.Equal(0, terms.Recognition.Item());
        Assert.True(double.IsFinite(terms.Total.Item()));
        Assert.True(stage.Loss(Pictures(0, Degradation.Clean, Degradation.Hazy), 0, BatchPart.Whole(2)).Recognition.Item() > 0);
    }

    [Fact]
    public void ARunLeavesAModelThatLoadsAndACheckpointThatStartsAnother()
    {
        string folder = Directory.CreateTempSubdirectory("llicm-joint-").FullName;
        try
        {
            using var tiny = new TinyNetworks();
            JointRecipe recipe = s_recipe with { Steps = 2 };
            using (var stage = new JointStage(tiny.Networks, recipe, Batches, heldOut: [Pictures(5)]))
                new TrainingRun<TrainingBatch>(stage, new RunOptions { Output = folder }).Execute();
            using (LlIcmModel model = LlIcmModel.Load(folder))
            {
                Assert.Equal(16, model.Restorer.DegradationWidth);
                Assert.Equal(32, model.Vision.Options.ImageSize);
                Assert.Equal(TinyNetworks.Words, model.WordEmbeddings.Size(0));
            }
            using var other = new TinyNetworks(seed: 2);
            using JointStage next = Stage(other, recipe);
            next.LoadWeights(Path.Combine(folder, "joint.checkpoint.safetensors"));
            Assert.NotEqual(tiny.Snapshot("restorer"), other.Snapshot("restorer"));
            next.LoadWeights(folder);
            using var scope = new TensorScope();
            Assert.InRange((next.Parameters[0].Tensor.Detach() - LoadedParameter(folder)).Abs().Amax([0, 1, 2, 3]).Item(), 0, 1e-6);
            Assert.NotNull(new JointStage(other.Networks, recipe, Batches, heldOut: [Pictures(5)]).Validate(default));
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void AResumedRunRepeatsTheLossesOfAnUninterruptedOne(bool freezeCodec)
    {
        JointRecipe recipe = s_recipe with { Steps = 6, WordShare = 0.5, EmbeddingDropout = 0.3, ReportEvery = 1, FreezeCodec = freezeCodec };
        using RunFolder whole = new(), parts = new();
        Execute(whole, 6, resume: false);
        Execute(parts, 3, resume: false);
        Execute(parts, 6, resume: true);
        double[] expected = whole.Losses("joint"), found = parts.Losses("joint");
        Assert.Equal(6, found.Length);
        Assert.All(expected.Zip(found), pair => Assert.InRange(pair.Second, pair.First * (1 - 1e-5), pair.First * (1 + 1e-5)));
        foreach (string name in (string[])["codec", "daclip", "restorer"])
            Assert.Equal(File.ReadAllBytes(whole.At(name + ".safetensors")), File.ReadAllBytes(parts.At(name + ".safetensors")));

        void Execute(RunFolder folder, int steps, bool resume)
        {
            using var tiny = new TinyNetworks();
            using var stage = Stage(tiny, recipe);
            // Other weights than the first part began with: what is trained must come from the checkpoint.
            if (resume) Shift(stage.Parameters.Select(each => each.Tensor));
            using var stop = new CancellationTokenSource();
            new TrainingRun<TrainingBatch>(stage, folder.Options(resume) with
            {
                Progress = at => { if (at.Step == steps) stop.Cancel(); },
            }).Execute(stop.Token);
        }
    }

    [Fact]
    public void WithoutEmbeddingsRecognitionDoesNotReachTheTask()
    {
        using var tiny = new TinyNetworks();
        // Fresh networks do not heed embeddings.
        Shift(tiny.Parameters("restorer"));
        JointRecipe recipe = s_recipe with { DistortionWeight = 0, RateWeight = 0, RecognitionWeight = 0, WordShare = 0 };
        Assert.True(GradientOfTheController(tiny, recipe) > 0);
        Assert.Equal(0, GradientOfTheController(tiny, recipe with { EmbeddingDropout = 1 }));
    }

    [Fact]
    public void SoundAndDamagedPartsHaveTheirOwnWeightsOfTheDistortion()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        double Total(double weight, double? degraded, float difference, int damagedRows = 64)
        {
            TrainingBatch batch = Pictures(0);
            for (int i = 0; i < batch.Clean.Length; i++)
            {
                int row = i / batch.Width % batch.Height;
                batch.Clean[i] = batch.Degraded[i] + (row < damagedRows ? difference : 0);
            }
            using JointStage stage = Stage(tiny, s_recipe with
            {
                DistortionWeight = weight,
                DegradedDistortionWeight = degraded,
                DegradedDistortionScale = 0.1,
                RecognitionWeight = 0,
                TaskWeight = 0,
            });
            TorchRuntime.ManualSeed(1);
            return stage.Loss(batch, 0, BatchPart.Whole(2)).Total.Item();
        }

        double rate = Total(0, null, 0), whole = Total(1, null, 0) - rate;
        Assert.Equal(whole, Total(1, 0, 0) - rate, whole * 1e-5);
        Assert.Equal(whole, Total(1, null, 0.5f) - rate, whole * 1e-5);
        Assert.Equal(0, Total(1, 0, 0.9f) - rate, whole * 1e-5);
        Assert.Equal(whole * 0.25, Total(1, 0.25, 0.9f) - rate, whole * 1e-3);
        // Halfway where the difference is the scale; a little more along the edges, where the mean reaches outside.
        Assert.InRange(Total(1, 0, 0.1f) - rate, whole * 0.5, whole * 0.6);
        // Only the half that differs counts less.
        Assert.InRange(Total(1, 0, 0.9f, damagedRows: 32) - rate, whole * 0.2, whole * 0.8);
    }

    [Fact]
    public void KindsHaveTheirOwnWeightsOfTheDistortion()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        var named = new Dictionary<Degradation, double> { [Degradation.Noisy] = 0.25, [Degradation.Hazy] = 2 };
        JointRecipe recipe = s_recipe with
        {
            DegradedDistortionWeight = 1,
            RateWeight = 0,
            RecognitionWeight = 0,
            TaskWeight = 0,
            FreezeRestorer = true,
        };
        double Total(JointRecipe with, Degradation kind)
        {
            TrainingBatch batch = Pictures(0, kind);
            for (int i = 0; i < batch.Clean.Length; i++) batch.Clean[i] = batch.Degraded[i] + 0.9f;
            using JointStage stage = Stage(tiny, with);
            TorchRuntime.ManualSeed(1);
            return stage.Loss(batch, 0, BatchPart.Whole(1)).Total.Item();
        }

        double whole = Total(recipe, Degradation.Noisy);
        recipe = recipe with { DegradedDistortion = named };
        Assert.Equal(whole * 0.25, Total(recipe, Degradation.Noisy), whole * 1e-4);
        Assert.Equal(whole * 2, Total(recipe, Degradation.Hazy), whole * 1e-4);
        Assert.Equal(whole, Total(recipe, Degradation.Rainy), whole * 1e-4);
        Assert.Throws<TrainingException>((recipe with { DegradedDistortionWeight = null }).Validate);
        named[Degradation.Hazy] = -1;
        Assert.Throws<TrainingException>(recipe.Validate);
    }

    [Fact]
    public void LpipsAddsItsDistanceOfThePredictionAndReachesTheCodec()
    {
        using var tiny = new TinyNetworks();
        using var lpips = new Lpips(LpipsNetwork.Squeeze);
        using var scope = new TensorScope();
        double Task(double weight, Lpips? perceptual)
        {
            using var stage = new JointStage(
                tiny.Networks, s_recipe with { PerceptualWeight = weight, DistortionWeight = 0, RateWeight = 0 }, Batches, perceptual: perceptual);
            foreach (Tensor parameter in tiny.Networks.Codec.Parameters()) parameter.Grad = null;
            TorchRuntime.ManualSeed(1);
            JointTerms terms = stage.Loss(Pictures(0), 0, BatchPart.Whole(2));
            terms.Total.Backward();
            Assert.All(tiny.Networks.Codec.Analysis.Parameters(), each => Assert.True(double.IsFinite(each.Grad!.Norm(2, []).Item())));
            return terms.Task.Mean().Item();
        }

        double without = Task(0, null), once = Task(1, lpips), twice = Task(2, lpips);
        Assert.True(once > without);
        Assert.Equal(2 * (once - without), twice - without, 1e-4);
        Assert.Contains("perceptual_weight", Assert.Throws<TrainingException>(() => Task(1, null)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void TheCodecIsToldOneLossAndTheRestorerAnother()
    {
        using var tiny = new TinyNetworks();
        using var lpips = new Lpips(LpipsNetwork.Squeeze);
        using var scope = new TensorScope();
        (float[] Codec, float[] Controller, float[] Restorer, JointTerms Terms) Gradients(JointRecipe recipe)
        {
            using var stage = new JointStage(tiny.Networks, recipe, Batches, perceptual: lpips);
            foreach ((_, Tensor parameter) in stage.Parameters) parameter.Grad = null;
            TorchRuntime.ManualSeed(1);
            JointTerms terms = stage.Loss(Pictures(0), 0, BatchPart.Whole(2));
            terms.Total.Backward();
            float[] Of(string part) =>
            [
                .. stage.Parameters.Where(each => each.Name.StartsWith(part, StringComparison.Ordinal))
                    .SelectMany(each => each.Tensor.Grad?.ToArray<float>() ?? new float[each.Tensor.ElementCount]),
            ];
            return (Of("codec"), Of("controller"), Of("restorer"), terms);
        }

        JointRecipe restorers = s_recipe with { PerceptualWeight = 0.04, CoarseWeight = 0.5, RecognitionWeight = 0.1, TaskWeight = 30 };
        var codecs = restorers with { PerceptualWeight = 4, CoarseWeight = 0 };
        var (codec, _, _, heard) = Gradients(codecs);
        var (followsOne, controller, restorer, terms) = Gradients(restorers);
        var (told, sameController, sameRestorer, apart) = Gradients(restorers with { CodecPerceptualWeight = 4 });
        var (half, _, _, _) = Gradients(restorers with
        {
            CodecPerceptualWeight = 2,
            CodecDifferenceWeight = 0.5,
            RecognitionWeight = 0.05,
            DistortionWeight = 0.5 * restorers.DistortionWeight,
            RateWeight = 0.5 * restorers.RateWeight,
        });
        Close(codec, told);
        Close(codec, [.. half.Select(each => 2 * each)]);
        Close(controller, sameController);
        Close(restorer, sameRestorer);
        Assert.True(followsOne.Zip(told, (one, other) => Math.Abs(one - other)).Max() > 0.1 * told.Max(Math.Abs));
        Assert.Equal(terms.Total.Item(), apart.Total.Item(), 1e-3);
        Assert.Equal(heard.Task.ToArray<float>(), apart.CodecTask.ToArray<float>(), (one, other) => Math.Abs(one - other) < 1e-4);

        static void Close(float[] expected, float[] actual)
        {
            double size = expected.Max(Math.Abs);
            Assert.True(size > 0);
            Assert.InRange(expected.Zip(actual, (one, other) => Math.Abs(one - other)).Max(), 0, 1e-4 * size);
        }
    }

    [Fact]
    public void AFrozenCodecIsToldNothingAndNeedsNoLpips()
    {
        using var tiny = new TinyNetworks();
        JointRecipe recipe = s_recipe with { CodecPerceptualWeight = 4, FreezeCodec = true };
        using JointStage stage = Stage(tiny, recipe);
        Run(stage, recipe, 1);
        Assert.Contains(
            "perceptual_weight", Assert.Throws<TrainingException>(() => Stage(tiny, recipe with { FreezeCodec = false })).Message,
            StringComparison.Ordinal);
        Assert.Throws<TrainingException>((recipe with { CodecPerceptualWeight = -1 }).Validate);
        Assert.Throws<TrainingException>((recipe with { CodecDifferenceWeight = -1 }).Validate);
        Assert.Throws<TrainingException>((recipe with { CodecPerceptualWeight = null, CodecDifferenceWeight = 0 }).Validate);
        Assert.Throws<TrainingException>((recipe with { FreezeCodec = false, Precision = ComputePrecision.Fp16 }).Validate);
        (recipe with { Precision = ComputePrecision.Fp16 }).Validate();
    }

    [Fact]
    public void MeansOfBlocksSeeToneAndNotTexture()
    {
        using var scope = new TensorScope();
        Tensor clean = Tensor.Full([2, 3, 64, 64], 0.5);
        Tensor stripes = (Tensor.Arange(0, 64).Reshape(1, 1, 1, 64) * Math.PI).Cos() * 0.2;
        Tensor losses = RestorationLoss.OfMeans(clean + stripes, clean);
        Assert.All(losses.ToArray<float>(), each => Assert.Equal(0, each, 1e-5));
        Assert.All(RestorationLoss.OfMeans(clean + stripes - 0.1, clean).ToArray<float>(), each => Assert.Equal(0.2, each, 1e-5));
    }

    [Fact]
    public void MeansOfBlocksAddToTheTask()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        double Task(double weight)
        {
            using var stage = new JointStage(tiny.Networks, s_recipe with { CoarseWeight = weight }, Batches);
            TorchRuntime.ManualSeed(1);
            return stage.Loss(Pictures(0), 0, BatchPart.Whole(2)).Task.Mean().Item();
        }

        double without = Task(0), once = Task(1);
        Assert.True(once > without);
        Assert.Equal(2 * (once - without), Task(2) - without, 1e-4);
    }

    [Fact]
    public void RelativeMeansAreWeighedByTheDecodedPictures()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        (double Task, Tensor Decoded) Loss(double absolute, double relative)
        {
            using var stage = new JointStage(
                tiny.Networks, s_recipe with { CoarseWeight = absolute, RelativeCoarseWeight = relative }, Batches);
            TorchRuntime.ManualSeed(1);
            JointTerms terms = stage.Loss(Pictures(0, Degradation.Hazy), 0, BatchPart.Whole(1));
            return (terms.Task.Item(), terms.Decoded);
        }

        (double without, Tensor decoded) = Loss(0, 0);
        double means = Loss(1, 0).Task - without, relative = Loss(0, 1).Task - without;
        TrainingBatch batch = Pictures(0, Degradation.Hazy);
        Tensor clean = Tensor.From<float>(batch.Clean, [1, 3, batch.Height, batch.Width]);
        Assert.Equal(means / (RestorationLoss.OfMeans(decoded, clean).Item() + 2 / 255.0), relative, 1e-3 * relative);
        Assert.Equal(means + relative, Loss(1, 1).Task - without, 1e-3 * relative);
    }

    [Fact]
    public void TheCodecLearnsToLeaveOutWhatTheKindSays()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        (double Total, double Squares) Loss(Dictionary<Degradation, double> clean, float difference, params Degradation[] kinds)
        {
            TrainingBatch batch = Pictures(0, kinds);
            for (int i = 0; i < batch.Clean.Length; i++) batch.Clean[i] = batch.Degraded[i] + difference;
            using JointStage stage = Stage(tiny, s_recipe with
            {
                DegradedDistortionWeight = 0,
                DegradedDistortionScale = 0.1,
                CleanDistortion = clean,
                RateWeight = 0,
                RecognitionWeight = 0,
                TaskWeight = 0,
                RoundDecoded = false,
                FreezeRestorer = true,
            });
            TorchRuntime.ManualSeed(1);
            JointTerms terms = stage.Loss(batch, 0, BatchPart.Whole(kinds.Length));
            Tensor target = Tensor.From<float>(batch.Clean, [kinds.Length, 3, batch.Height, batch.Width]);
            double squares = (terms.Decoded - target).Square().Mean([1, 2, 3]).ToArray<float>()[0];
            return (terms.Total.Item(), squares);
        }

        var noise = new Dictionary<Degradation, double> { [Degradation.Noisy] = 0.5 };
        // Far from the clean picture, that picture alone is the target of the kinds named, and others have none.
        (double total, double squares) = Loss(noise, 0.9f, Degradation.Noisy);
        (double nearer, double itsSquares) = Loss(noise, 0.7f, Degradation.Noisy);
        Assert.True(itsSquares < 0.9 * squares);
        Assert.Equal(total / squares, nearer / itsSquares, 1e-4 * total / squares);
        Assert.Equal(0, Loss(noise, 0.9f, Degradation.Hazy).Total, 1e-4 * total);
        Assert.InRange(Loss(noise, 0.9f, Degradation.Noisy, Degradation.Hazy).Total, 0.01 * total, 0.9 * total);
        // Where nothing differs the two targets are one, and the usual weight holds.
        Assert.Equal(Loss([], 0, Degradation.Noisy).Total, Loss(noise, 0, Degradation.Noisy).Total, 1e-6 * total);
        Assert.Throws<TrainingException>((s_recipe with { CleanDistortion = noise, DegradedDistortionWeight = null }).Validate);
        noise[Degradation.Noisy] = -1;
        Assert.Throws<TrainingException>((s_recipe with { CleanDistortion = noise, DegradedDistortionWeight = 1 }).Validate);
    }

    [Fact]
    public void WhatIsNotCodedIsRestoredAsItIs()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        float[] Degraded(double share, bool freeze, out double rate)
        {
            using JointStage stage = Stage(tiny, s_recipe with { DecodedShare = share, FreezeCodec = freeze });
            TorchRuntime.ManualSeed(1);
            JointTerms terms = stage.Loss(Pictures(0), 0, BatchPart.Whole(2));
            rate = terms.BitsPerPixel.Mean().Item();
            return terms.Decoded.Detach().ToArray<float>();
        }

        float[] pictures = Pictures(0).Degraded;
        Assert.NotEqual(pictures, Degraded(1, false, out _));
        Assert.Equal(pictures, Degraded(0, false, out double coded));
        Assert.True(coded > 0);
        // No codec runs where neither the restorer nor a loss would see what it made.
        Assert.Equal(pictures, Degraded(0, true, out double left));
        Assert.Equal(0, left);
        Assert.Equal(0, GradientOfTheCodec(tiny, s_recipe with { DecodedShare = 0 }));
        Assert.True(GradientOfTheCodec(tiny, s_recipe) > 0);
        Assert.Throws<TrainingException>((s_recipe with { DecodedShare = 1.1 }).Validate);
    }

    [Fact]
    public void OnlyAPartOfTheCropIsRestoredWhileTheRestIsCodedAndLookedAt()
    {
        using var tiny = new TinyNetworks();
        using var scope = new TensorScope();
        const int side = 192, rows = 16;
        double Task(int? restored, int? changed = null, bool columns = false, bool degraded = false)
        {
            TrainingBatch batch = new TrainingBatch([Drawn(1)]);
            float[] pixels = degraded ? batch.Degraded : batch.Clean;
            for (int i = 0; i < pixels.Length; i++)
            {
                int at = columns ? i % side : i / side % side;
                if (changed is { } band && at / rows == band) pixels[i] = 1 - pixels[i];
            }
            using JointStage stage = Stage(tiny, s_recipe with { Crop = side, RestoredCrop = restored, RoundDecoded = false });
            TorchRuntime.ManualSeed(1);
            return stage.Loss(batch, 0, BatchPart.Whole(1)).Task.Item();
        }

        Assert.Equal(Task(null), Task(side));
        double whole = Task(64);
        foreach (bool columns in (bool[])[false, true])
        {
            int[] seen = [.. Enumerable.Range(0, side / rows).Where(band => Task(64, band, columns) != whole)];
            // 64 rows touch 4 or 5 bands of 16, side by side.
            Assert.InRange(seen.Length, 4, 5);
            Assert.Equal(seen.Length - 1, seen[^1] - seen[0]);
        }
        // What lies outside still tells through the embeddings; a fresh restorer does not heed them.
        Shift(tiny.Parameters("restorer"));
        whole = Task(64);
        Assert.All(Enumerable.Range(0, side / rows), band => Assert.NotEqual(whole, Task(64, band, degraded: true)));
        foreach (int wrong in (int[])[0, 100, 256])
            Assert.Contains("restored_crop", Assert.Throws<TrainingException>((s_recipe with { Crop = side, RestoredCrop = wrong }).Validate).Message);

        static DegradedSample Drawn(ulong seed)
        {
            PlanarImage clean = DrawnPicture.Draw(side, new Xoshiro256(seed));
            return new DegradationSampler().Sample(clean, Degradation.Hazy, new Xoshiro256(seed));
        }
    }

    [Fact]
    public void FrozenWordsStayWhileTheControllerLearns()
    {
        using var tiny = new TinyNetworks();
        float[] words = tiny.Networks.Words.ToArray<float>(), controller = tiny.Snapshot("controller")[0];
        JointRecipe recipe = s_recipe with { FreezeWords = true, RecognitionWeight = 1 };
        using (JointStage stage = Stage(tiny, recipe)) Run(stage, recipe, 2);
        Assert.Equal(words, tiny.Networks.Words.ToArray<float>());
        Assert.NotEqual(controller, tiny.Snapshot("controller")[0]);
        using (JointStage stage = Stage(tiny, recipe with { FreezeWords = false })) Run(stage, recipe with { FreezeWords = false }, 2);
        Assert.NotEqual(words, tiny.Networks.Words.ToArray<float>());
    }

    [Fact]
    public void GradientsClippedApartKeepTheRestorersStepFromTheCodecs()
    {
        // Adam's first step has one size whatever the gradient's: what it was given is looked at.
        IReadOnlyDictionary<string, double> Norms(JointRecipe recipe)
        {
            using var tiny = new TinyNetworks();
            using JointStage stage = Stage(tiny, recipe);
            var norms = new Dictionary<string, double>();
            Run(stage, recipe, 1);
            foreach (StageOptimizer each in stage.Optimizers)
                norms[each.Name] = Gradients.ClipNorm(each.Adam.Parameters, 0);
            return norms;
        }

        JointRecipe loud = s_recipe with { DistortionWeight = 100, ClipNorm = 0.01 };
        IReadOnlyDictionary<string, double> together = Norms(loud), apart = Norms(loud with { ClipApart = true });
        Assert.InRange(Math.Sqrt(together.Values.Sum(each => each * each)), 0.0099, 0.0101);
        Assert.True(together["restorer"] < 0.001, $"{together["restorer"]}");
        Assert.InRange(apart["codec"], 0.0099, 0.0101);
        Assert.InRange(apart["restorer"], 0.0099, 0.0101);
    }

    [Fact]
    public void ARecipeThatFreezesEverythingIsRefusedByName()
    {
        var error = Assert.Throws<TrainingException>(
            (s_recipe with { FreezeCodec = true, FreezeController = true, FreezeRestorer = true }).Validate);
        Assert.Contains("freeze_codec", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(128, 128)]
    [InlineData(200, 144)]
    [InlineData(64, 96)]
    public void DifferentiablePreprocessingDiffersFromTheExactOneByRoundingOnly(int width, int height)
    {
        using var scope = new TensorScope();
        TorchRuntime.ManualSeed(3);
        Tensor pictures = Tensor.Rand(2, 3, height, width);
        using Tensor exact = FeaturePreprocessing.Exact(pictures, 96).Unscoped();
        Tensor difference = (FeaturePreprocessing.Differentiable(pictures, 96) - exact).Abs();
        // Truncation takes half a level on average; two rounded passes add up to one; a level is 1/255/0.26.
        Assert.InRange(difference.Amax([0, 1, 2, 3]).Item(), 0, 2.6 / 255 / 0.26);
        Assert.InRange(difference.Mean().Item(), 0, 0.7 / 255 / 0.26);
    }

    private static readonly string[] Parts = ["codec", "controller", "clip", "restorer"];

    private static void Shift(IEnumerable<Tensor> parameters)
    {
        using var noGrad = GradMode.Disable();
        foreach (Tensor parameter in parameters) parameter.CopyInPlace(parameter.Detach() + 0.1);
    }

    // Of the layers that make the degradation's embedding alone.
    private static double GradientOfTheController(TinyNetworks tiny, JointRecipe recipe)
    {
        using var scope = new TensorScope();
        using JointStage stage = Stage(tiny, recipe);
        Tensor projection = tiny.Networks.Vision.Controller.NamedParameters().Single(each => each.Name == "proj").Tensor;
        projection.Grad = null;
        TorchRuntime.ManualSeed(1);
        stage.Loss(Pictures(0), 0, BatchPart.Whole(2)).Total.Backward();
        return projection.Grad is { } gradient ? gradient.Norm(2, []).Item() : 0;
    }

    private static double GradientOfTheCodec(TinyNetworks tiny, JointRecipe recipe)
    {
        using var scope = new TensorScope();
        // Rate and distortion out of the way: what is left comes from behind the codec.
        using JointStage stage = Stage(tiny, recipe with { DistortionWeight = 0, RateWeight = 0 });
        foreach (Tensor parameter in tiny.Networks.Codec.Parameters()) parameter.Grad = null;
        TorchRuntime.ManualSeed(1);
        stage.Loss(Pictures(0), 0, BatchPart.Whole(2)).Total.Backward();
        return Math.Sqrt(tiny.Networks.Codec.Analysis.Parameters()
            .Select(each => each.Grad is { } gradient ? gradient.Norm(2, []).Item() : 0).Sum(norm => norm * norm));
    }

    private static JointStage Stage(TinyNetworks tiny, JointRecipe recipe) => new(tiny.Networks, recipe, Batches);

    private static List<RunProgress> Run(JointStage stage, JointRecipe recipe, int steps)
    {
        string folder = Directory.CreateTempSubdirectory("llicm-joint-").FullName;
        try
        {
            var made = new List<RunProgress>();
            using var stop = new CancellationTokenSource();
            new TrainingRun<TrainingBatch>(stage, new RunOptions
            {
                Output = folder,
                Progress = progress =>
                {
                    made.Add(progress);
                    if (made.Count == steps) stop.Cancel();
                },
            }).Execute(stop.Token);
            Assert.Equal(steps, made.Count);
            return made;
        }
        finally
        {
            Directory.Delete(folder, recursive: true);
        }
    }

    private static Tensor LoadedParameter(string folder)
    {
        using WeightFile file = WeightFile.Open(Path.Combine(folder, "codec.safetensors"));
        return file["entropy_bottleneck._matrix0"].ToTensor().To(ScalarType.Float).Reshape(1, -1, 3, 1);
    }

    private static TrainingBatch Batches(long step, BatchPart part) => new([.. part.Cut(Samples(step % 2, s_kinds))]);

    private static TrainingBatch Pictures(long step, params Degradation[] kinds) =>
        new(Samples(step, kinds.Length == 0 ? s_kinds : kinds));

    // Waves, and the same behind a grey veil or with stripes.
    private static DegradedSample[] Samples(long step, Degradation[] kinds) => [.. kinds.Select((kind, k) =>
    {
        PlanarImage clean = new(64, 64), degraded = new(64, 64);
        for (int i = 0; i < clean.Pixels.Length; i++)
        {
            clean.Pixels[i] = (float)(0.5 + 0.3 * Math.Sin(i % 64 * 0.1 + step + k) * Math.Cos(i / 64 % 64 * 0.07));
            degraded.Pixels[i] = k == 0 ? 0.5f * clean.Pixels[i] + 0.4f : Math.Min(1, clean.Pixels[i] + (i % 8 == 0 ? 0.3f : 0));
        }
        return new DegradedSample(degraded, clean, kind);
    })];
}
