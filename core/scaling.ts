/** @file The abc form of a parameterization: how weights, their initial size and their learning rates depend on the width m. */
import type { ParameterRole } from './define.ts';

/** What a parameterization is told about a parameter. */
export interface ScalingRequest {
  readonly role: ParameterRole;
  /** Of its layer: the first is the input, the last the output. */
  readonly place: 'input' | 'hidden' | 'output';
  /** l = 1 … L + 1. */
  readonly layer: number;
  /** How many numbers its layer's kernel reads. */
  readonly fanIn: number;
  /** L, the number of hidden layers. */
  readonly depth: number;
  /** How the optimizer's steps grow with the gradient: see `Optimizer.gradientPower`. */
  readonly gradientPower: 1 | 0 | -1;
}

/** h = m^-a W x with W = m^-b U at the start and the learning rate η m^-c; U has the law of the init, whose variance is v/fanIn for W = U/√m. */
export interface Scaling {
  readonly a: number;
  readonly b: number;
  readonly c: number;
  /** A number on the learning rate, whatever the width. */
  readonly rate?: number;
  /** c of the first steps, and how many they are. */
  readonly first?: { readonly c: number; readonly steps: number };
  /** Added to every entry of U. */
  readonly mean?: number;
  /** Standard deviation of U where the parameterization itself draws it, a bias. */
  readonly deviation?: number;
  /** In the first update what stays of the initial weights is multiplied by m^-kept; Infinity removes them. */
  readonly kept?: number;
}

/** Base learning rates of the first steps that are found on the data, in place of η. */
export interface Calibration {
  /** Mean size of the change of pre-activations that the first update shall bring, in hidden layers and in the output. */
  readonly hidden: number;
  readonly output: number;
  /** Where nothing else bounds them. */
  readonly largest: number;
}
