// What invented people say on calls: sentence patterns by topic and side. `{word}` is filled from the call.

export type Side = 'rep' | 'prospect';

export interface Topic {
  /** As Gong names it, or null: Gong has no topic for every stretch. */
  readonly name: string | null;
  readonly rep: readonly string[];
  readonly prospect: readonly string[];
}

export const topics: readonly Topic[] = [
  {
    name: 'Small talk',
    rep: [
      'Hi {other}, thanks for making the time today.',
      'Before we start, how did the move of the {city} office go?',
      'I have about {n} minutes on my side, does that still work?',
      'My colleague from the {team} side may join later.',
    ],
    prospect: [
      'Thanks, good to see you again.',
      'Yes, {n} minutes is fine, I have a hard stop after that.',
      'The {city} office is finally open, so that is one thing less.',
      'I will take notes for the {team} team.',
    ],
  },
  {
    name: 'Discovery',
    rep: [
      'Walk me through how {account} handles {pain} today.',
      'How many people on the {team} team touch that process?',
      'What happens if nothing changes before {month}?',
      'Who else at {account} feels this every week?',
      'How do you measure that today, in hours or in money?',
      'What did you try before, and why did it not stick?',
    ],
    prospect: [
      'Honestly, {pain} is costing us about {n} hours a week.',
      'The {team} team still does it in spreadsheets, {n} people, every Friday.',
      'If we do not fix it by {month}, we miss the audit.',
      'We lost two customers over {pain} last quarter.',
      'I would say {n} percent of the work is copy and paste.',
    ],
  },
  {
    name: 'Product',
    rep: [
      'SSO is available on the Enterprise plan.',
      'We support SSO on all plans, so that is covered.',
      'The API rate limit is {n}00 requests a minute on Pro.',
      'Our uptime commitment is 99.9 percent, it is in the contract.',
      'Let me show you how the {team} dashboard looks with your own data.',
    ],
    prospect: [
      'Does that work with {tool}?',
      'We would need it to talk to {tool}, otherwise it is a non-starter.',
      'That view is what the {team} team has been asking for.',
      'How long does a rollout for {n} users take?',
    ],
  },
  {
    name: 'Pricing',
    rep: [
      'List price for {n} seats is {amount} a year.',
      'If you sign before the end of {month} I can do {n} percent off.',
      'The Pro tier includes everything we talked about except the audit log.',
      'I will send the quote with the current rate card today.',
    ],
    prospect: [
      'Our budget is {amount}, and that is approved.',
      'Finance has not approved a budget for this yet.',
      'Is there any room on the price if we take two years?',
      '{competitor} quoted us {n} percent less for the same number of seats.',
    ],
  },
  {
    name: 'Competition',
    rep: [
      'What do you like about {competitor} so far?',
      'Most customers who come from {competitor} tell us that support was the reason.',
      'Compared with {competitor}, we do the evaluation on your own criteria.',
    ],
    prospect: [
      'We are also looking at {competitor}.',
      '{competitor} has a nicer mobile app, but support was slow.',
      'The {team} team used {competitor} at their last company.',
    ],
  },
  {
    name: 'Security',
    rep: [
      'I can send our security questionnaire with the SOC 2 report this afternoon.',
      'Data stays in the region you choose, encrypted at rest.',
      'For the review our security lead can join, he does {n} of these a month.',
    ],
    prospect: [
      'Legal will want to review the data processing agreement.',
      'Our security team needs {n} days for the questionnaire.',
      'Where is the data stored?',
    ],
  },
  {
    name: null,
    rep: [
      'Right, that makes sense.',
      'Good question, let me come back to that.',
      'Understood, and that is the same for the {team} team?',
    ],
    prospect: ['Okay.', 'Mm-hmm, go on.', 'Sorry, you were cut off for a second, can you repeat that?'],
  },
  {
    name: 'Next steps',
    rep: [
      'Shall we book the technical review for the {n}th of {month}?',
      'I will send a summary and the proposal by tomorrow.',
      'Who signs off on your side?',
      'Then I will put the {team} team and legal on the invitation.',
    ],
    prospect: [
      'Yes, let us do the {n}th of {month}, I will bring our security lead.',
      'I have to check with the {team} team first.',
      'Send me the proposal and I will take it to the board.',
      'Let us talk again when the budget is clear.',
    ],
  },
];

export const pains = [
  'manual reporting',
  'slow approvals',
  'missed renewals',
  'duplicate records',
  'forecast errors',
  'onboarding delays',
];
export const competitors = ['Rivalsoft', 'Nimbus One', 'OldGuard CRM', 'Pipeworks'];

/** Values for the `{word}` that do not come from the call. */
export const fillings: Readonly<Record<string, readonly string[]>> = {
  city: ['Lyon', 'Denver', 'Osaka', 'Porto', 'Leeds', 'Pune'],
  team: ['revenue', 'support', 'finance', 'operations', 'field', 'compliance'],
  month: ['January', 'March', 'May', 'June', 'September', 'November'],
  tool: ['Salesforce', 'HubSpot', 'SAP', 'Slack', 'Snowflake', 'Jira'],
  competitor: competitors,
};
