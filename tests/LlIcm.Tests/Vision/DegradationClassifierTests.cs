using LlIcm.Imaging;
using LlIcm.Tensors;
using LlIcm.Tensors.Serialization;
using LlIcm.Tests.Pipeline;
using LlIcm.Torch;
using LlIcm.Vision;

namespace LlIcm.Tests.Vision;

public sealed class DegradationClassifierTests
{
    private static readonly DegradationClassifierOptions s_small = new() { Widths = [8, 8, 12, 16], Hidden = 16, Temperature = 1.5 };

    [Theory]
    [InlineData(200, 150)]
    [InlineData(1, 1)]
    [InlineData(130, 40)]
    public void TheRecordedGraphDoesWhatTheModuleDoes(int width, int height)
    {
        using var scope = new TensorScope();
        using var noGrad = GradMode.Disable();
        TorchRuntime.ManualSeed(3);
        using var network = new DegradationClassifier(s_small);
        using var classifier = new PictureClassifier(network);
        Picture picture = TinyModel.Picture(width, height);
        IReadOnlyList<(Degradation Degradation, double Probability)> found = classifier.Recognise(picture);
        Assert.Equal(1, found.Sum(each => each.Probability), 6);
        Assert.Equal(Enum.GetValues<Degradation>().Order(), found.Select(each => each.Degradation).Order());
        Assert.Equal(found.OrderByDescending(each => each.Probability), found);

        const int side = ClassifierViews.Side;
        float[] logits = network.Forward(
            Tensor.From<float>(ClassifierViews.Whole(picture.Rgb, width, height), [1, 3, side, side]),
            Tensor.From<float>(ClassifierViews.Details(picture.Rgb, width, height), [ClassifierViews.Squares, 3, side, side])).ToArray<float>();
        double[] expected = PictureClassifier.Probabilities(logits, s_small.Temperature);
        foreach ((Degradation degradation, double probability) in found)
            Assert.Equal(expected[(int)degradation], probability, 4);
    }

    [Fact]
    public void AFileHoldsShapeAndTemperature()
    {
        using var scope = new TensorScope();
        using var network = new DegradationClassifier(s_small);
        string path = Path.Combine(Path.GetTempPath(), $"llicm-{Guid.NewGuid():N}.safetensors");
        try
        {
            LlIcmModel.SaveRecogniser(network, s_small, path);
            using WeightFile file = WeightFile.Open(path);
            DegradationClassifierOptions read = DegradationClassifierOptions.FromWeights(file);
            Assert.Equal(s_small.Widths, read.Widths);
            Assert.Equal((s_small.Hidden, s_small.Words, s_small.Temperature), (read.Hidden, read.Words, read.Temperature));
        }
        finally
        {
            File.Delete(path);
        }
    }

    [Fact]
    public void SquaresLieWithinThePictureOrGoOnMirrored()
    {
        const int side = ClassifierViews.Side;
        byte[] rgb = [.. from y in Enumerable.Range(0, 200) from x in Enumerable.Range(0, 300) from c in Enumerable.Range(0, 3) select (byte)(c == 0 ? x / 2 : y)];
        float[] details = ClassifierViews.Details(rgb, 300, 200);
        // The first square: around a quarter of the width, as far up as it goes.
        Assert.Equal((300 / 4 - side / 2) / 2 / 255f, details[0], 5);
        Assert.Equal(0, details[side * side], 5);
        // The last: not beyond the lower edge.
        Assert.Equal((200 - side) / 255f, details[3 * 3 * side * side + side * side], 5);
        float[] tiny = new float[3 * side * side];
        ClassifierViews.Square([10, 20, 30, 40, 50, 60], 2, 1, 0, 0, tiny);
        Assert.Equal([10 / 255f, 40 / 255f, 40 / 255f, 10 / 255f, 10 / 255f], tiny[..5]);
    }

    [Theory]
    [InlineData(10, 0.999)]
    [InlineData(-1, 0)]
    public void NothingIsRepairedWhereNothingIsWrongOrItIsUnsure(int word, double least)
    {
        using var tiny = TinyModel.Naming(word);
        Picture picture = TinyModel.Picture(64, 48);
        var restorer = new PictureRestorer(tiny.Model);
        RestorationResult result = restorer.Restore(picture);
        Assert.Null(result.Repaired);
        Assert.Equal(picture.Rgb, result.Picture.Rgb);
        Assert.True(result.Probability >= least);
        // Told, it is done all the same.
        Assert.Equal(Degradation.Rainy, restorer.Restore(picture, new RestoreOptions { Degradation = Degradation.Rainy }).Repaired);
    }

    [Fact]
    public void WhatIsRecognisedIsRepaired()
    {
        using var tiny = TinyModel.Naming(1);
        Assert.Equal(Degradation.Hazy, new PictureRestorer(tiny.Model).Restore(TinyModel.Picture(64, 48)).Repaired);
    }

    [Fact]
    public void MissingPartsAreFilledOnlyWhereTheyArePainted()
    {
        using var tiny = TinyModel.Naming(9);
        var restorer = new PictureRestorer(tiny.Model);
        Picture picture = TinyModel.Picture(64, 48);
        Assert.Null(restorer.Restore(picture).Repaired);
        picture.Rgb.AsSpan(3 * 64 * 10, 3 * 64 * 5).Fill(255);
        RestorationResult filled = restorer.Restore(picture);
        Assert.Equal(Degradation.Uncompleted, filled.Repaired);
        Assert.Equal(picture.Rgb[..(3 * 64 * 10)], filled.Picture.Rgb[..(3 * 64 * 10)]);
    }
}
